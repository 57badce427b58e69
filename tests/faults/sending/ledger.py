"""What was written, in order: read off the streams and the tables, as they lie there."""

from bisect import bisect_left
from collections import Counter, defaultdict
from typing import Any, NamedTuple

from tests.faults.account import Account


class Held(NamedTuple):
    """A message that was not sent: when, why, and the portrait as that write left it."""

    at: int
    message: str
    reason: str
    home: str
    state: bytes


class Ledger:
    """Reads on from where it was whenever it is asked to.

    Attributes:
        says: every message that a dialogue asked for, by its id.
        branches: how often each branching step of each journey was decided.
        held: what was not sent.
        buried: the homes of which an erasure left nothing but tombstones, by when it was (UTC ms).
            Who asked for it may be told less: an erasure whose reply was lost finds nobody again.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._read = 0
        self._pointers: dict[str, tuple[list[int], list[str]]] = {}
        self.says: dict[str, Any] = {}
        self.branches: Counter[tuple[str, str]] = Counter()
        self.held: list[Held] = []
        self.buried: dict[int, set[str]] = defaultdict(set)

    def read_on(self) -> None:
        """Take in what was written since."""
        from portrait.changes import decode

        stream = self._account.tables["portraits"].stream
        for record in stream[self._read :]:
            item = record.new
            if item is None:
                continue
            home, at = item["home"]["S"], int(item["updated_at"]["N"])
            self._point(home, at, item["merged_into"]["S"] if "merged_into" in item else home)
            if "erased_at" in item and not item.keys() & {"state", "merged_into"}:
                self.buried[int(item["erased_at"]["N"])].add(home)
            if "changes" in item:
                state = bytes(item["state"]["B"])
                self._note(home, at, state, decode(bytes(item["changes"]["B"])))
        self._read = len(stream)

    def _point(self, home: str, at: int, target: str) -> None:
        known = self._pointers.setdefault(home, ([], []))
        if not known[1] or known[1][-1] != target:
            known[0].append(at)
            known[1].append(target)

    def _note(self, home: str, at: int, state: bytes, changes: Any) -> None:
        for effect in changes.effects:
            kind = type(effect).__name__
            if kind == "Say":
                self.says.setdefault(effect.message, effect)
            elif kind == "Noted" and effect.what == "branch":
                self.branches[effect.journey, effect.step] += 1
        for contact in changes.contacts:
            if contact.state == "held":
                self.held.append(Held(at, contact.id, contact.reason, home, state))

    def root(self, home: str, at: int) -> str:
        """Return where the customer behind a home lay just before an instant."""
        for _ in range(20):
            known = self._pointers.get(home)
            place = bisect_left(known[0], at) - 1 if known else -1
            if known is None or place < 0 or known[1][place] == home:
                return home
            home = known[1][place]
        raise RuntimeError("pointers lead in a circle")

    def dossiers(self) -> dict[str, dict[str, Any]]:
        """Return what the journeys table holds of everybody who entered, by journey, plainly."""
        items = self._account.tables["journeys"].items
        plain = {key: {name: _plain(value) for name, value in item.items()}
                 for (key,), item in items.items()}  # fmt: skip
        return {key: one for key, one in plain.items() if "entered_at" in one}

    def portraits(self) -> dict[str, Any]:
        """Return every portrait by home, each with when it is to be woken."""
        from portrait.record import Record

        found = {}
        for item in self._account.tables["portraits"].items.values():
            if "state" in item:
                due = int(item["due_at"]["N"]) if "due_at" in item else None
                record = Record(item["home"]["S"], 1, bytes(item["state"]["B"]), due_at=due)
                found[record.home] = record.portrait, due
        return found


def contacts(portrait: Any) -> dict[str, Any]:
    """Return by id the contacts of a portrait, each in the furthest state any strand knows."""
    from portrait.strand import CONTACT_STATES

    found: dict[str, list[Any]] = defaultdict(list)
    for strand in portrait.strands.values():
        for id_, contact in strand.contacts.items():
            found[id_].append(contact)
    return {
        id_: max(some, key=lambda one: (bool(one.campaign), CONTACT_STATES.index(one.state)))
        for id_, some in found.items()
    }


def _plain(value: Any) -> Any:
    ((kind, told),) = value.items()
    if kind == "M":
        return {name: _plain(inner) for name, inner in told.items()}
    return int(told) if kind == "N" else told
