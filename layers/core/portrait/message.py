"""One thing to say to one person: the body of a record on the `messages` queue."""

from hashlib import blake2b
from typing import Any, Literal

import msgspec

from portrait.experiments import Arm
from portrait.queue_text import queue_text

Channel = Literal["email", "sms", "push", "webhook", "inbox"]


class Message(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What `trigger` asks `dispatch` to say. All instants are UTC milliseconds since the epoch.

    `id` is derived from journey and step, so the same occasion always has the same id. `home` is
    the customer's root when it was asked for, `strand` the home the dialogue hangs at: contacts are
    kept there, so that they survive merges. From `expires_at` on, the message is better not sent.
    `arm` is what became of this customer; `arms` are the assignments behind it, by campaign or `*`
    (the whole programme). `happening` is what let them in, as templates see it. With `once`, no two
    journeys of the campaign may both send to one customer, however they came to be started.
    `value` is what it is worth beside others, `attempt` how many tries a channel has failed at;
    `pull` are the channels that show an offer or, with `is_task`, a task for whoever works there.
    """

    id: str
    journey: str
    home: str
    strand: str
    campaign: str
    version: int
    step: str
    channel: Channel
    template: str
    purpose: str
    arm: Arm
    occurred_at: int
    received_at: int
    expires_at: int
    arms: dict[str, Arm] = {}
    once: bool = False
    value: float = 1.0
    attempt: int = 0
    pull: tuple[str, ...] = ()
    is_task: bool = False
    happening: dict[str, Any] = {}


def message_id(journey: str, step: str) -> str:
    """Return the id of what a journey says at a step: the same occasion always has the same.

    It begins with eight letters that all messages of a journey have in common.
    """
    said = blake2b(f"{journey}\0{step}".encode(), digest_size=8).hexdigest()
    return blake2b(journey.encode(), digest_size=4).hexdigest() + said


def is_of(message: str, journey: str) -> bool:
    """Tell by its id whether a message is one of the journey's."""
    return message[:8] == message_id(journey, "")[:8]


_decoder = msgspec.json.Decoder(Message)
_encoder = msgspec.json.Encoder()


def encode_message(message: Message) -> str:
    """Return the message as one queue body."""
    return queue_text(_encoder.encode(message))


def decode_message(body: str | bytes) -> Message:
    """Read what `encode_message` wrote.

    Raises:
        msgspec.MsgspecError: the body is anything else.
    """
    return _decoder.decode(body)
