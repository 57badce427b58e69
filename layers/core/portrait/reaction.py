"""The use case of the trigger function: from what a write did to dialogues, messages and facts."""

from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import msgspec

from portrait.catalogue import Catalogue
from portrait.changes import Changes, decode
from portrait.effects import Emitted, Entered, Kept, Noted, Say
from portrait.event import encode_envelope
from portrait.facts import Fact, emitted, entered, happened, is_told, noted
from portrait.happening import Happening
from portrait.judgement import told_again
from portrait.message import Channel, Message, encode_message
from portrait.record import Record
from portrait.stimulus import encode_stimulus
from portrait.triggers import stimulus


class Journeys(Protocol):
    """Where it is kept who entered which campaign in which arm, and what became of it."""

    def keep(self, kept: Kept) -> None:
        """Remember what may let a customer in."""

    def enter(self, entered: Entered, home: str) -> bool:
        """Record the entry; return whether it was new."""

    def note(self, journey: str, notes: Sequence[Noted]) -> None:
        """Record what became of it, in order."""

    def happenings(self, journeys: Iterable[str]) -> Mapping[str, Happening]:
        """Return what let the customers in, where it was an event."""


class StreamRecord(NamedTuple):
    """A portrait as a write left it, what the write did, and when (UTC ms)."""

    record: Record
    changes: Changes
    written_at: int


class Queues(NamedTuple):
    """Where what is to be done is put: bodies for dispatch, bodies for journey, and facts.

    Attributes:
        clicks: bodies for profile, to be taken up once `judgement.WAIT_S` have passed.
    """

    messages: Callable[[Sequence[str]], None]
    journeys: Callable[[Sequence[str]], None]
    facts: Callable[[Sequence[Fact]], None]
    clicks: Callable[[Sequence[str]], None]


def read_stream_record(image: Mapping[str, Mapping[str, Any]]) -> StreamRecord | None:
    """Read the new image of a stream record; None where the write did nothing to react to."""
    if "changes" not in image:
        return None
    changes = decode(b64decode(image["changes"]["B"]))
    return StreamRecord(Record.from_image(image), changes, int(image["updated_at"]["N"]))


def erased(images: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the journeys of customers who were erased, in which something personal may be kept.

    Args:
        images: the `dynamodb` part of each stream record.
    """
    for image in images:
        new, old = image.get("NewImage", {}), image.get("OldImage", {})
        if "erased_at" in new and "state" in old and "state" not in new:
            for strand in Record.from_image(old).portrait.strands.values():
                yield from (key for key, one in strand.dialogues.items() if one.in_steps)


def react(
    written: Sequence[StreamRecord], journeys: Journeys, queues: Queues, *, catalogue: Catalogue
) -> Counter[str]:
    """Do what the writes call for; return how much, by what was done.

    First the dossiers, so that nothing is sent that nobody knows of, then the messages, then what
    wakes other dialogues, then facts. Safe to repeat: each thing carries the id that it had.

    Raises:
        Unavailable: something was not taken; repeat the whole batch.
    """
    counts: Counter[str] = Counter(records=len(written))
    says: list[tuple[Say, str]] = []
    facts: list[Fact] = []
    wakes: list[str] = []
    clicks: list[str] = []
    notes: dict[str, list[Noted]] = {}
    for one in written:
        home = one.record.home
        for effect in one.changes.effects:
            if isinstance(effect, Noted):
                notes.setdefault(effect.journey, []).append(effect)
                if not is_told(effect, one.changes.contacts):
                    facts.append(noted(effect, home))
                counts[f"noted_{effect.what}"] += 1
            else:
                counts[_carry_out(effect, home, journeys, facts, says)] += 1
        facts += happened(home, one.changes)
        again = filter(None, map(told_again, one.changes.happenings))
        clicks += (encode_envelope((each,)) for each in again)
        told = stimulus(one.record, one.changes, catalogue, now=one.written_at)
        if told is not None:
            wakes.append(encode_stimulus(told))
    for journey, some in notes.items():
        journeys.note(journey, some)
    bodies = _messages(says, written, journeys, catalogue)
    for put, what in (
        (queues.messages, bodies), (queues.journeys, wakes), (queues.clicks, clicks)
    ):  # fmt: skip
        if what:
            put(what)
    if facts:
        queues.facts(facts)
    counts.update(messages=len(bodies), stimuli=len(wakes), clicks=len(clicks), facts=len(facts))
    return counts


def _carry_out(
    effect: Kept | Entered | Say | Emitted,
    home: str,
    journeys: Journeys,
    facts: list[Fact],
    says: list[tuple[Say, str]],
) -> str:
    if isinstance(effect, Say):
        says.append((effect, home))
        return "said"
    if isinstance(effect, Kept):
        journeys.keep(effect)
        return "kept"
    if isinstance(effect, Emitted):
        facts.append(emitted(effect, home))
        return "emitted"
    facts.append(entered(effect, home))
    return "entered" if journeys.enter(effect, home) else "entered_before"


def _messages(
    says: Sequence[tuple[Say, str]],
    written: Iterable[StreamRecord],
    journeys: Journeys,
    catalogue: Catalogue,
) -> list[str]:
    """Return the messages, each with what let its customer in, which its template may quote."""
    if not says:
        return []
    known = {
        effect.journey: effect.happening
        for one in written
        for effect in one.changes.effects
        if isinstance(effect, Entered | Kept) and effect.happening is not None
    }
    missing = {say.journey for say, _ in says if _may_quote(say, catalogue)} - known.keys()
    if missing:
        known |= journeys.happenings(missing)
    return [
        encode_message(_message(say, home, known.get(say.journey), catalogue)) for say, home in says
    ]


def _may_quote(say: Say, catalogue: Catalogue) -> bool:
    """Tell whether an event may have let the customer in, rather than a date or a schedule."""
    campaign = catalogue.versions.get((say.campaign, say.version))
    return campaign is None or bool(campaign.entry.events or campaign.entry.crossing)


def _message(say: Say, home: str, happening: Happening | None, catalogue: Catalogue) -> Message:
    campaign = catalogue.versions.get((say.campaign, say.version))
    return Message(
        id=say.message,
        journey=say.journey,
        home=home,
        strand=say.strand,
        campaign=say.campaign,
        version=say.version,
        step=say.step,
        channel=_channel(say.channel),
        template=say.template,
        purpose=say.purpose,
        arm="treated",
        occurred_at=say.occurred_at,
        received_at=say.received_at,
        expires_at=say.expires_at,
        once=campaign is not None and campaign.once,
        value=say.value,
        attempt=say.attempt,
        pull=say.pull,
        is_task=say.is_task,
        happening=msgspec.structs.asdict(happening) if happening else {},
    )


def _channel(name: str) -> Channel:
    return name  # type: ignore[return-value]  # documents name no other
