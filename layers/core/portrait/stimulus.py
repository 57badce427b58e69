"""Stimuli: what wakes a customer's dialogues; a body of the `journeys` queue."""

import msgspec

from portrait.crossings import Crossing
from portrait.effects import Outcome
from portrait.happening import Happening
from portrait.queue_text import queue_text


class Start(msgspec.Struct, frozen=True, omit_defaults=True):
    """A customer is to enter a campaign. Instants are UTC milliseconds.

    `occurrence` names why, for ever: an entry that was made for it is not made again. `at` is when
    that was, `received_at` when it was heard of; `strand` is where it was folded, empty for what
    concerns the whole customer.
    """

    campaign: str
    version: int
    occurrence: str
    at: int
    received_at: int
    strand: str = ""
    happening: Happening | None = None


class Stimulus(msgspec.Struct, frozen=True, omit_defaults=True):
    """Everything that one write of the portrait at `home` may mean to its dialogues."""

    home: str = msgspec.field(name="portrait_stimulus")
    at: int
    starts: tuple[Start, ...] = ()
    happenings: tuple[Happening, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    crossings: tuple[Crossing, ...] = ()


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Stimulus)


def encode_stimulus(stimulus: Stimulus) -> str:
    """Return the stimulus as one queue body."""
    return queue_text(_encoder.encode(stimulus))


def decode_stimulus(body: str | bytes) -> Stimulus:
    """Read what `encode_stimulus` wrote.

    Raises:
        msgspec.MsgspecError: the body is anything else.
    """
    return _decoder.decode(body)
