"""Stimuli: what wakes a customer's dialogues; a body of the `journeys` queue."""

from collections.abc import Iterator, Sequence
from itertools import chain

import msgspec
from msgspec.structs import replace

from portrait.changes import MAX_CHANGES_BYTES
from portrait.crossings import Crossing
from portrait.effects import Outcome
from portrait.happening import Happening
from portrait.queue_text import queue_text


class Start(msgspec.Struct, frozen=True, omit_defaults=True):
    """A customer is to enter a campaign. Instants are UTC milliseconds.

    `occurrence` names why, for ever: an entry that was made for it is not made again. `at` is when
    that was, `received_at` when it was heard of; `strand` is where it was folded, empty for what
    concerns the whole customer. In a body `quotes` is the id of the happening, which is said once,
    however many campaigns it starts.
    """

    campaign: str
    version: int
    occurrence: str
    at: int
    received_at: int
    strand: str = ""
    happening: Happening | None = None
    quotes: str = ""


class Stimulus(msgspec.Struct, frozen=True, omit_defaults=True):
    """Everything that one write of the portrait at `home` may mean to its dialogues."""

    home: str = msgspec.field(name="portrait_stimulus")
    at: int
    starts: tuple[Start, ...] = ()
    happenings: tuple[Happening, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    crossings: tuple[Crossing, ...] = ()
    quoted: tuple[Happening, ...] = ()


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Stimulus)


def encode_stimulus(stimulus: Stimulus) -> str:
    """Return the stimulus as one queue body."""
    said = {one.id for one in stimulus.happenings}
    starts, quoted = [], {}
    for one in stimulus.starts:
        if one.happening is None:
            starts.append(one)
            continue
        starts.append(replace(one, happening=None, quotes=one.happening.id))
        if one.happening.id not in said:
            quoted[one.happening.id] = one.happening
    told = replace(stimulus, starts=tuple(starts), quoted=tuple(quoted.values()))
    return queue_text(_encoder.encode(told))


def decode_stimulus(body: str | bytes) -> Stimulus:
    """Read what `encode_stimulus` wrote.

    Raises:
        msgspec.MsgspecError: the body is anything else.
    """
    told = _decoder.decode(body)
    said = {one.id: one for one in chain(told.happenings, told.quoted)}
    starts = tuple(
        replace(one, happening=said.get(one.quotes), quotes="") if one.quotes else one
        for one in told.starts
    )
    return replace(told, starts=starts, quoted=())


def portions(stimuli: Sequence[Stimulus]) -> Iterator[list[Stimulus]]:
    """Yield the stimuli, in their order, in portions of which each may be one write.

    Each start writes down what let the customer in, so a large event that starts many campaigns
    would not fit into the item. There is one portion at least, and it may be empty.
    """
    portion: list[Stimulus] = []
    size = 0
    for stimulus in stimuli:
        starts: list[Start] = []
        for start in stimulus.starts:
            length = _length(start)
            if size and size + length > MAX_CHANGES_BYTES:
                yield [*portion, replace(stimulus, starts=tuple(starts), happenings=(),
                                         outcomes=(), crossings=())]  # fmt: skip
                portion, starts, size = [], [], 0
            starts.append(start)
            size += length
        portion.append(replace(stimulus, starts=tuple(starts)))
    yield portion


def _length(start: Start) -> int:
    said = start.happening
    return 0 if said is None else len(msgspec.msgpack.encode((said.properties, said.traits)))
