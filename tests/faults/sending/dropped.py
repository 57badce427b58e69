"""Is the reason true for which a message was not sent? Looked for in the portrait of that write."""

from collections.abc import Iterator
from typing import Any

from tests.faults.ages import MINUTE_MS
from tests.faults.sending.crowd import Half
from tests.faults.sending.ledger import Held, Ledger, contacts
from tests.faults.sending.people import People
from tests.faults.sending.programme import caps
from tests.faults.sending.sky import day, is_quiet

GRID_MS = 5 * MINUTE_MS
LAST_MS = MINUTE_MS
QUARTERS = 96


class Dropped:
    """Judges what was held since the last time."""

    def __init__(self, ledger: Ledger, people: People) -> None:
        self._ledger, self._people = ledger, people
        self._checked = 0

    def problems(self, halves: dict[str, Half]) -> Iterator[str]:
        """Yield every reason that is not true.

        Args:
            halves: by the home of each identifier, whose it is.
        """
        new, self._checked = self._ledger.held[self._checked :], len(self._ledger.held)
        for one in new:
            say, half = self._ledger.says[one.message], None
            half = halves.get(say.strand)
            if half is None or self._people.erased_at(half, one.at):
                continue
            wrong = self._wrong(one, say, half)
            if wrong:
                yield f"{say.campaign}.{say.step} was held at {one.at} ({one.reason}): {wrong}"

    def _wrong(self, one: Held, say: Any, half: Half) -> str:
        from portrait.record import Record

        portrait = Record(one.home, 1, one.state).portrait
        known = contacts(portrait)
        del known[one.message]
        match one.reason:
            case "expired":
                return "" if one.at >= say.expires_at else f"it expires at {say.expires_at}"
            case "quiet_hours" | "cap":
                return self._had_a_moment(one, say, half, list(known.values()))
            case "outranked":
                return self._had_a_last_chance(one, say, half)
            case "no_consent":
                return self._had_said_yes(one, say, half)
            case "suppressed":
                fails = any(strand.suppressed for strand in portrait.strands.values())
                return "" if fails and self._failed(half, one.at) else "nothing had failed"
            case "no_address":
                return self._had_an_address(say, half, one.at)
            case "control_group":
                arms = [strand.arms for strand in portrait.strands.values()]
                held = any("control" in (a.get(say.campaign), a.get("*")) for a in arms)
                return "" if held else "they are not held out"
            case "already_sent":
                like = [c for c in known.values() if c.campaign == say.campaign]
                sent = any(c.state not in ("held", "failed") for c in like)
                return "" if sent else "nothing of the campaign was sent"
            case "left":
                here = [strand.dialogues.get(say.journey) for strand in portrait.strands.values()]
                there = any(talk is not None and talk.step == say.step for talk in here)
                return "the dialogue waits for it" if there else ""
        return "nobody knows this reason"

    def _had_said_yes(self, one: Held, say: Any, half: Half) -> str:
        def root(home: str) -> str:
            return self._ledger.root(home, one.at)

        if root(self._people.home(half.who[0])) != root(say.strand):
            return ""  # they were not yet known to be one
        welcome = self._people.welcome(half, say.channel, say.purpose, one.at, root)
        return "they had said yes" if welcome else ""

    def _had_a_moment(self, one: Held, say: Any, half: Half, known: list[Any]) -> str:
        counted = [c for c in known if c.campaign and c.state not in ("held", "failed")]
        zones = self._people.zones(half, one.at)
        for at in range(one.at, say.expires_at, GRID_MS):
            if not any(is_quiet(at, zone) for zone in zones) and _has_room(at, say, counted, zones):
                return f"it could have gone at {at}"
        return ""

    def _had_a_last_chance(self, one: Held, say: Any, half: Half) -> str:
        zones, last = self._people.zones(half, one.at), say.expires_at - LAST_MS
        for at in range(last, max(one.at, last - QUARTERS * 15 * MINUTE_MS), -15 * MINUTE_MS):
            if not any(is_quiet(at, zone) for zone in zones):
                return f"it could have been tried again at {at}"
        return ""

    def _had_an_address(self, say: Any, half: Half, at: int) -> str:
        name = {"email": "email", "sms": "phone"}[say.channel]
        quiet = self._people.quiet_before(at)
        told = [one for one in self._people.heard.get(half.number, ())
                if name in one.said.traits and one.last < quiet]  # fmt: skip
        alone = len({one.said.who[0] for one in told}) == 1
        return "they had told one" if alone and self._whole(half) and told else ""

    def _whole(self, half: Half) -> bool:
        return len([one for one in self._people.crowd.halves if one.number == half.number]) == 1

    def _failed(self, half: Half, at: int) -> bool:
        return any(
            one.said.source == "ses" and one.first <= at
            for one in self._people.heard.get(half.number, ())
        )


def _has_room(at: int, say: Any, counted: list[Any], zones: set[str]) -> bool:
    for cap in caps():
        if not cap.covers(say.channel, say.purpose):
            continue
        told = [one.at for one in counted if cap.covers(one.channel, one.purpose)]
        if cap.window_ms is not None:
            if sum(abs(at - each) < cap.window_ms for each in told) >= cap.messages:
                return False
        elif any(sum(day(each, zone) == day(at, zone) for each in told) >= cap.messages
                 for zone in zones):  # fmt: skip
            return False
    return True
