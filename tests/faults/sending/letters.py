"""Were the right messages sent? Each once, within every cap, awake, welcome, to nobody erased.

What really left is counted again by brute force; nothing of the product's policy is asked.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.faults.account import Mail
from tests.faults.sending.crowd import Crowd, Half
from tests.faults.sending.ledger import Ledger
from tests.faults.sending.people import People
from tests.faults.sending.programme import caps, documents
from tests.faults.sending.sky import day, is_quiet


class Sent(NamedTuple):
    """A message that left: by which ticket, for whom, and what it was."""

    mail: Mail
    ticket: int
    say: Any
    half: Half


@dataclass
class Letters:
    """Judges what left, from one quiet point to the next.

    Attributes:
        sent: all that was judged, in the order of their tickets.
    """

    crowd: Crowd
    people: People
    ledger: Ledger
    sent: list[Sent] = field(default_factory=list)
    _checked: int = 0

    def problems(
        self, mails: list[Mail], found: dict[str, Any], dossiers: dict[str, Any]
    ) -> Iterator[str]:
        """Yield what was sent wrongly since the last time.

        Args:
            found: contacts by message, as the portraits hold them.
        """
        new, self._checked = mails[self._checked :], len(mails)
        before = len(self.sent)
        known = {one.mail.message for one in self.sent}
        for mail in new:
            say = self.ledger.says.get(mail.message)
            if mail.message in known:
                yield f"{mail.message} was sent twice"
            elif say is None:
                yield f"{mail.message} was sent, and no dialogue asked for it"
            else:
                known.add(mail.message)
                contact = found.get(mail.message)
                # The erased have no contacts; what is told of their mails since names no campaign.
                ticket = contact.at if contact and contact.campaign else mail.at
                self.sent.append(Sent(mail, ticket, say, self.people.at(mail.to)))
        judged = self.sent[before:]
        self.sent.sort(key=lambda one: one.ticket)
        for one in judged:
            where = f"{one.say.campaign}.{one.say.step} on {one.mail.channel} at {one.mail.at}"
            yield from (f"{where}: {wrong}" for wrong in self._wrong(one, dossiers))

    def _wrong(self, one: Sent, dossiers: dict[str, Any]) -> Iterator[str]:
        yield from self._erased(one)
        yield from self._held_out(one, dossiers)
        yield from self._again(one)
        yield from self._over(one, dossiers)
        if one.mail.at >= one.say.expires_at:
            yield "it had expired"
        if one.mail.at - one.ticket > 5000:
            yield f"it left {one.mail.at - one.ticket} ms after its ticket"
        if documents("campaign")[one.say.campaign]["purpose"] == "service":
            return
        zones = self.people.zones(one.half, one.mail.at)
        if all(is_quiet(one.mail.at, zone) for zone in zones):
            yield f"it is quiet in {' and '.join(sorted(zones))}"
        if self.people.unwelcome(one.half, one.mail, one.say.purpose, self.ledger):
            yield f"{one.mail.to} had not said yes, or had said no"
        yield from self._capped(one, zones)

    def _erased(self, one: Sent) -> Iterator[str]:
        for gone in self.people.gone:
            if gone.done_at <= one.mail.at and one.say.received_at <= gone.at and (
                one.say.strand in gone.homes
            ):  # fmt: skip
                yield "it was sent after they were erased"

    def _held_out(self, one: Sent, dossiers: dict[str, Any]) -> Iterator[str]:
        entry = dossiers.get(one.say.journey)
        if entry is None:
            yield "nobody entered its campaign"
        elif entry["arm"] != "treated":
            yield "it was sent to the control group"
        root = self._root(one)
        for other in self._entries(dossiers)[one.say.campaign]:
            if other["arm"] == "control" and other["entered_at"] < one.ticket and (
                self.ledger.root(other["home"], one.ticket) == root
                and not self.people.erased_at(one.half, one.ticket)
            ):  # fmt: skip
                yield "they were held out of the campaign before"

    def _entries(self, dossiers: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for entry in dossiers.values():
            found[entry["campaign"]].append(entry)
        return found

    def _again(self, one: Sent) -> Iterator[str]:
        if documents("campaign")[one.say.campaign].get("reentry") != "once":
            return
        for other in self._others(one):
            same = other.say.campaign == one.say.campaign
            if same and other.say.journey != one.say.journey:
                yield "they had the like of it from another journey of the campaign"

    def _over(self, one: Sent, dossiers: dict[str, Any]) -> Iterator[str]:
        """Who did what a campaign is for, or what ends it, hears no more of it once it is known."""
        entry, campaign = dossiers.get(one.say.journey), documents("campaign")[one.say.campaign]
        endings = [*campaign.get("exits", ()), *([campaign["goal"]] if "goal" in campaign else ())]
        names = {each["event"] for each in endings}
        if entry is None or not names or self.people.erased_at(one.half, one.ticket):
            return
        root, quiet = self.ledger.root, self.people.quiet_before(one.ticket)
        for each in self.people.heard.get(one.half.number, ()):
            if each.said.name in names and each.said.at > entry["occurred_at"] and (
                entry["entered_at"] < each.first and each.last < quiet
                and root(self.people.home(each.said.who[0]), each.first)
                == root(entry["home"], each.first)
            ):  # fmt: skip
                yield f"its dialogue was over by what they did at {each.said.at}"

    def _capped(self, one: Sent, zones: set[str]) -> Iterator[str]:
        channel, purpose, at = one.mail.channel, one.say.purpose, one.ticket
        others = list(self._others(one))
        for cap in caps():
            if not cap.covers(channel, purpose):
                continue
            told = [each for each in others if cap.covers(each.mail.channel, each.say.purpose)]
            if cap.window_ms is not None:
                # From when it left, that may be later than its ticket, nothing is taken off.
                times = sum(each.ticket > at - cap.window_ms for each in told)
                full = times >= cap.messages
            else:
                full = all(
                    sum(day(each.ticket, zone) == day(at, zone) for each in told) >= cap.messages
                    for zone in zones
                )
            if full:
                yield f"{cap} was full"

    def _others(self, one: Sent) -> Iterator[Sent]:
        """Yield what left before it to whom its recipient was by then.

        Two who turn out to be one may together have got more than one person may: what they were
        sent before counts from the merge on, and nothing more goes until there is room again.
        """
        root = self._root(one)
        for other in self.sent:
            if other.ticket > one.ticket:
                return
            if other is not one and self.ledger.root(other.say.strand, one.ticket) == root and (
                self.people.erased_at(other.half, one.ticket) <= other.ticket
            ):  # fmt: skip
                yield other

    def _root(self, one: Sent) -> str:
        return self.ledger.root(one.say.strand, one.ticket)
