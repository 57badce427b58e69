"""A world of customers whose portraits are written by the real code, with the stream of it."""

import base64
from collections.abc import Iterable
from typing import Any

from portrait.agenda import rules_at
from portrait.attending import attend, read_call
from portrait.audiences.hints import hints
from portrait.catalogue import Catalogue
from portrait.erasure import erase
from portrait.event import Event
from portrait.identity import home
from portrait.profile import apply, sight
from portrait.record import Record, Write
from portrait.store import portraits as store
from portrait.unmerging import unmerge
from portrait.unsubscribe import Unsubscription
from portrait.waking import Wake, encode_wake
from portrait.withdrawal import withdraw
from tests.unit.audiences.platforms import ACCOUNT, GOOGLE_LIST, META_LIST
from tests.unit.core.worlds import NOON, SECRET, Table, an_event

BUYERS = {
    "kind": "segment", "key": "buyers", "name": "Buyers",
    "where": {"event": "Order Completed", "within": "1d", "at_least": 1},
}  # fmt: skip
CONSENT = {"channel": "ads", "purpose": "advertising"}
GOOGLE = {
    "kind": "audience", "key": "buyers_google", "name": "Buyers", "segment": "buyers",
    "consent": CONSENT, "status": "active",
    "destination": {"platform": "google", "customer_id": ACCOUNT, "user_list_id": GOOGLE_LIST},
}  # fmt: skip
META = {
    **GOOGLE, "key": "buyers_meta",
    "destination": {"platform": "meta", "audience_id": META_LIST},
}  # fmt: skip
IDENTITY = {"kind": "identity", "key": "default", "country": "SE"}
DOCUMENTS = (BUYERS, GOOGLE, META, IDENTITY)


class Portraits(Table):
    """The table, with the stream records that the store's own items would leave."""

    def __init__(self) -> None:
        super().__init__()
        self.stream: list[dict[str, Any]] = []

    def write(self, work: Write, *, now: int) -> None:
        super().write(work, now=now)
        for part in work.parts:
            self._changed(part.root, store._root(part, now))
            for pointer in part.pointers:
                self._changed(pointer, store._pointer(pointer, part, now))

    def bury(
        self,
        records: Iterable[Record],
        *,
        erased_at: int,
        leading: bool = False,
        others: Iterable[Write] = (),
    ) -> None:
        records, others = list(records), list(others)
        super().bury(records, erased_at=erased_at, leading=leading, others=others)
        for record in records:
            item = store.PortraitItem(
                record.home,
                version=record.version + 1,
                merged_into=record.merged_into if leading else None,
                erased_at=erased_at,
                timer=store._timer(record, None, erased_at),
                updated_at=erased_at,
            )
            self._changed(record, item)

    def follow(self, home: str) -> Record | None:
        records = self.load_resolved([home])
        record = records.get(home)
        while record is not None and record.merged_into:
            record = records.get(record.merged_into)
        return record

    def _changed(self, record: Record, item: store.PortraitItem) -> None:
        old = {
            "home": {"S": record.home},
            "version": {"N": str(record.version)},
            "updated_at": {"N": str(record.updated_at)},
            **({"state": {"B": _text(record.state)}} if record.state else {}),
            **({"merged_into": {"S": record.merged_into}} if record.merged_into else {}),
        }
        new = {
            name: {kind: _text(value) if kind == "B" else value}
            for name, pair in item.serialize().items()
            for kind, value in pair.items()
        }
        image = {"NewImage": new, **({"OldImage": old} if record.version else {})}
        if {"changes", "timer", "erased_at"} & new.keys():  # the filter of the template
            self.stream.append(image)


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()


class World:
    """Customers, a clock, and whatever the audiences function has to be told."""

    def __init__(self, *documents: dict[str, Any]) -> None:
        self.table = Portraits()
        self.catalogue = Catalogue.compile(documents or DOCUMENTS)
        self.now = NOON
        self.told = 0

    def take_hints(self) -> list[str]:
        """Return the bodies that trigger would queue for what happened since the last time."""
        stream, self.table.stream = self.table.stream, []
        return hints(stream, self.catalogue)

    def hear(self, *, who: dict[str, str], name: str = "Seen", **fields: Any) -> None:
        """Apply an event of somebody, with identifiers as the intake takes them from traits."""
        self.told += 1
        traits = fields.get("traits", {})
        rules = self.catalogue.identity
        for kind in ("email", "phone"):
            if normal := rules.normalise(kind, traits.get(kind)):
                who = {**who, kind: normal}
        event = an_event(f"m{self.told}", name=name, at=self.now, who=who, **fields)
        self.apply(event)

    def apply(self, event: Event) -> None:
        """Let the profile function apply one event."""
        catalogue, now = self.catalogue, self.now
        rules = rules_at(catalogue, now)
        done = apply(sight([event], SECRET), self.table, rules=rules, now=now, pause=lambda _: None)
        assert (done.failed, done.rejected, done.faults) == ([], {}, [])

    def identify(self, user: str, **traits: str) -> None:
        self.hear(who={"user_id": user}, name="", kind="identify", traits=traits)

    def consent(self, user: str, word: str = "Granted") -> None:
        self.hear(who={"user_id": user}, name=f"Consent {word}", properties=CONSENT)

    def buy(self, user: str) -> None:
        self.hear(who={"user_id": user}, name="Order Completed")

    def join(self, user: str = "u1", **traits: str) -> None:
        """Let somebody do all that makes a member."""
        self.identify(user, **(traits or {"email": f"{user}@shop.example"}))
        self.consent(user)
        self.buy(user)

    def erase(self, user: str) -> None:
        self.now += 1
        place = home(SECRET, "user_id", user)
        erase(place, self.table, clock=lambda: self.now, pause=lambda _: None)
        self.now += 1

    def unmerge(self, user: str, kind: str, value: str) -> None:
        self.now += 1
        unmerge(
            home(SECRET, "user_id", user), home(SECRET, kind, value), self.table,
            catalogue=self.catalogue, clock=lambda: self.now, pause=lambda _: None,
        )  # fmt: skip

    def withdraw_by_link(self, user: str) -> None:
        """Withdraw as the unsubscribe link does: without a look at any definition."""
        place = home(SECRET, "user_id", user)
        what = Unsubscription(home=place, contact="c1", **CONSENT)
        withdraw(what, self.table, clock=lambda: self.now, pause=lambda _: None)

    def wake(self) -> None:
        """Wake everybody whose timer is due, until nobody is."""
        for _ in range(50):
            due = [
                encode_wake(Wake(home=record.home, due_at=record.due_at))
                for record in self.table.items.values()
                if record.due_at is not None and record.due_at <= self.now
            ]
            if not due:
                return
            woken = attend(
                [read_call(str(place), body) for place, body in enumerate(due)], self.table,
                catalogue=self.catalogue, clock=lambda: self.now, pause=lambda _: None,
            )  # fmt: skip
            assert not woken.failed
        raise AssertionError("somebody is woken for ever")

    def pass_time(self, ms: int) -> None:
        self.now += ms
        self.wake()
