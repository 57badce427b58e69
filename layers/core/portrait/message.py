"""One thing to say to one person: the body of a record on the `messages` queue."""

from typing import Any, Literal

import msgspec

from portrait.experiments import Arm
from portrait.queue_text import queue_text

Channel = Literal["email", "webhook"]


class Message(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What `trigger` asks `dispatch` to say. All instants are UTC milliseconds since the epoch.

    `id` is derived from campaign, step, customer and occurrence, so the same occasion always has
    the same id. `home` is the customer's root at entry, `strand` the home the event was folded
    into: contacts are kept there, so that they survive merges. From `expires_at` on, the message
    is better not sent. `arm` is what became of this customer; `arms` are the assignments behind
    it, by campaign or `*` (the whole programme), which `dispatch` records before it sends.
    `happening` is what just happened, as templates see it.
    """

    id: str
    journey: str
    home: str
    strand: str
    campaign: str
    version: int
    step: int
    channel: Channel
    template: str
    purpose: str
    arm: Arm
    occurred_at: int
    received_at: int
    expires_at: int
    arms: dict[str, Arm] = {}
    happening: dict[str, Any] = {}


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
