"""What is known of people at an instant: their clocks, what they said, whether they are gone."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.faults.account import Mail
from tests.faults.oracle import Heard
from tests.faults.said import Identifier
from tests.faults.sending.crowd import COMPANY, Crowd, Half
from tests.faults.sending.ledger import Ledger


class Answered(NamedTuple):
    """A click on the link of a mail that was answered with success (UTC ms)."""

    mail: Mail
    purpose: str
    asked_at: int
    answered_at: int


class Gone(NamedTuple):
    """An erasure: whose, when it took effect, when it was reported done, and what homes it emptied.

    It may have been repeated before that was reported.
    """

    number: int
    at: int
    done_at: int
    homes: frozenset[str]


@dataclass
class People:
    """Everybody, and what they are known to have said.

    Attributes:
        home: returns where the product keeps what it knows by an identifier.
        heard: what was accepted, by the half that said it.
        settled: the quiet points: whatever was heard before is in the portraits.
    """

    crowd: Crowd
    home: Callable[[Identifier], str]
    answered: list[Answered] = field(default_factory=list)
    gone: list[Gone] = field(default_factory=list)
    settled: list[int] = field(default_factory=list)
    heard: dict[int, list[Heard]] = field(default_factory=dict)
    _addresses: dict[str, Half] = field(default_factory=dict)
    _by_identifier: dict[Identifier, Half] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for half in self.crowd.halves:
            self._by_identifier.update(dict.fromkeys(half.who, half))
            for address in (half.traits["email"], half.traits.get("phone")):
                if address:
                    self._addresses[address] = half

    def bury(
        self, buried: Mapping[int, Iterable[str]], reports: Iterable[tuple[Identifier, Any, int]]
    ) -> None:
        """Take in every erasure until now.

        Args:
            buried: the homes that each emptied, by when it took effect.
            reports: whom one was asked for, and when it was reported done.
        """
        numbers = {self.home(who): half.number for who, half in self._by_identifier.items()}
        told = [(self._by_identifier[who].number, done_at) for who, _, done_at in reports]
        self.gone = []
        for at, homes in sorted(buried.items()):
            for number in {numbers[home] for home in homes if home in numbers}:  # not of phones
                done_at = min(when for whose, when in told if whose == number and when >= at)
                self.gone.append(Gone(number, at, done_at, frozenset(homes)))

    def hear(self, heard: Iterable[Heard]) -> None:
        """Take in everything that was accepted until now."""
        self.heard = {}
        for one in heard:
            half = self._by_identifier.get(one.said.who[0])
            if half is not None:
                self.heard.setdefault(half.number, []).append(one)

    def at(self, address: str) -> Half:
        """Return whose address it is."""
        return self._addresses[address]

    def zones(self, half: Half, at: int) -> set[str]:
        """Return the clocks that they may be believed to live by: several while news travels."""
        if "timezone" not in half.traits:
            if "phone" in half.traits:
                return {"Europe/Helsinki"}
            return {"Asia/Tokyo" if "country" in half.traits else COMPANY}
        quiet = self.quiet_before(at)
        told = [
            (one.said.at, one.said.traits["timezone"], one.last < quiet)
            for one in self.heard.get(half.number, ())
            if "timezone" in one.said.traits and one.first <= at
        ]
        sure = max((one[0] for one in told if one[2]), default=0)
        if self.erased_at(half, at):
            sure = 0
        return {zone for when, zone, _ in told if when >= sure}

    def quiet_before(self, at: int) -> int:
        """Return the last quiet point before an instant, or 0."""
        place = bisect_right(self.settled, at)
        return self.settled[place - 1] if place else 0

    def unwelcome(self, half: Half, mail: Mail, purpose: str, ledger: Ledger) -> bool:
        """Tell whether no yes of theirs can stand at the moment at which it left.

        A no is acknowledged when all is quiet, or when the link was answered: from then on nothing
        may leave unless they said yes after it. It concerns the portrait that it was written into.
        """
        said = self.said(half, mail.channel, purpose, mail.at)
        yes = [one.said.at for one in said if one.said.name == "Consent Granted"]
        root, quiet = ledger.root(mail.strand, mail.at), self.quiet_before(mail.at)
        no = [
            one.first for one in said
            if one.said.name == "Consent Withdrawn" and one.last < quiet
            and ledger.root(self.home(one.said.who[0]), mail.at) == root
        ]  # fmt: skip
        no += [
            one.asked_at for one in self.answered
            if one.answered_at < mail.at and one.mail.channel == mail.channel
            and one.purpose == purpose and ledger.root(one.mail.strand, mail.at) == root
        ]  # fmt: skip
        erased = self.erased_at(half, mail.at)
        latest = max((at for at in no if at > erased), default=-1)
        return not any(at > latest for at in yes)

    def welcome(
        self, half: Half, channel: str, purpose: str, at: int, root: Callable[[str], str]
    ) -> bool:
        """Tell whether a yes of theirs must have stood at an instant: nothing else was ever said.

        Args:
            root: returns where the customer behind a home lay then.
        """
        quiet = self.quiet_before(at)
        said = self.said(half, channel, purpose, at)
        clicked = any(
            one.mail.channel == channel and self.at(one.mail.to).number == half.number
            for one in self.answered
        )
        return (
            any(
                one.said.name == "Consent Granted" and one.last < quiet
                and root(self.home(one.said.who[0])) == root(self.home(half.who[0]))
                for one in said
            )
            and not any(one.said.name == "Consent Withdrawn" for one in said)
            and not clicked and not self.erased_at(half, at)
        )  # fmt: skip

    def said(self, half: Half, channel: str, purpose: str, at: int) -> list[Heard]:
        """Return what they had said about messages of a purpose on a channel."""
        return [
            one for one in self.heard.get(half.number, ())
            if one.said.properties.get("channel") == channel
            and one.said.properties.get("purpose") == purpose and one.first <= at
        ]  # fmt: skip

    def erased_at(self, half: Half, at: int) -> int:
        """Return when anybody of the person was erased last, up to an instant; 0 for never."""
        mine = [one.at for one in self.gone if one.number == half.number and one.at <= at]
        return max(mine, default=0)
