"""Pushing: current truth decides, one audience does not hold up another, and nothing is lost."""

from collections.abc import Mapping
from typing import Any

import pytest

from portrait.audiences import Destination
from portrait.audiences.hints import decode_hint, encode_hint, hints
from portrait.audiences.identifiers import digest
from portrait.audiences.pushing import Change, Delivery, NotTaken, push
from portrait.faults import Unavailable
from portrait.metrics import DAY_MS
from tests.unit.audiences.worlds import BUYERS, DOCUMENTS, World

ANNA, PHONE = "anna@mail.example", "+46701234567"
LAPSED = {"not": BUYERS["where"]}


class Lists:
    """The lists of a platform that takes everything, or nothing."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.changes: list[Change] = []
        self.fault = fault

    def change(self, destination: Destination, change: Change) -> Mapping[str, int]:
        if self.fault:
            raise self.fault
        self.changes.append(change)
        return {"added": len(change.members), "removed": len(change.removed)}

    @property
    def said(self) -> list[tuple[list[list[str]], list[str]]]:
        """Return for each change the hashes of its members and those that were taken out."""
        return [
            (
                [[each.digest for each in member] for member in change.members],
                [each.digest for each in change.removed],
            )
            for change in self.changes
        ]


def pushed(world: World, bodies: list[str], has_time: bool = True, **platforms: Any) -> Any:
    lists = {"google": Lists(), "meta": Lists(), **platforms}
    report = push(
        [Delivery(str(n), body) for n, body in enumerate(bodies)], world.table, lists,
        catalogue=world.catalogue, clock=lambda: world.now, has_time=lambda: has_time,
    )  # fmt: skip
    return report, lists["google"], lists["meta"]


@pytest.fixture
def world() -> World:
    world = World()
    world.join("u1", email=ANNA, phone=PHONE)
    return world


def test_a_member_is_pushed_with_all_their_addresses(world):
    report, google, meta = pushed(world, world.take_hints())

    assert report.kept == set()
    assert google.said == [([[digest(ANNA), digest(PHONE)]], [])]
    assert meta.said == [([[digest(ANNA), digest(PHONE[1:])]], [])]


def test_nothing_is_pushed_but_what_the_hints_name(world):
    # What is pushed is said again until it was, whatever breaks off; of the rest nobody would say.
    hint, *_ = map(decode_hint, world.take_hints())
    part = type(hint)(hint.audience, hint.identifiers[:1])

    _, google, _ = pushed(world, [encode_hint(part)])

    assert google.said == [([[hint.identifiers[0].digest]], [])]


def test_a_hint_from_before_a_withdrawal_takes_out_though_the_portrait_was_not_yet_woken(world):
    bodies = world.take_hints()
    world.now += 1
    world.withdraw_by_link("u1")

    _, google, _ = pushed(world, bodies)

    assert [members for members, _ in google.said] == [[]]
    assert set(google.said[0][1]) == {digest(ANNA), digest(PHONE)}


def test_nobody_is_put_in_whose_entering_was_not_recorded():
    # Nor would their leaving be, and nobody would take them out.
    world = World({**BUYERS, "where": LAPSED}, *DOCUMENTS[1:])
    world.join("u1", email=ANNA)
    world.pass_time(2 * DAY_MS)
    bodies = world.take_hints()
    world.buy("u1")
    world.now += 2 * DAY_MS

    _, google, _ = pushed(world, bodies)

    assert google.said == [([], [digest(ANNA)])]


def test_one_platform_does_not_hold_up_the_other(world):
    bodies = world.take_hints()

    report, google, meta = pushed(world, bodies, google=Lists(NotTaken("google_unavailable")))

    assert (google.said, len(meta.said)) == ([], 1)
    (kept,) = report.kept
    assert decode_hint(bodies[int(kept)]).audience == "buyers_google"
    assert report.counts["kept_google_unavailable"] == 1
    assert report.troubles == {}


def test_what_only_a_person_can_mend_is_kept_and_named(world):
    refused = NotTaken("google_permission_denied", lasting=True)
    report, *_ = pushed(world, world.take_hints(), google=Lists(refused))
    assert len(report.kept) == 1
    assert report.troubles == {"buyers_google": "google_permission_denied"}


def test_a_fault_of_ours_reaches_no_other_audience_and_quotes_nobody(world):
    report, _, meta = pushed(world, world.take_hints(), google=Lists(ZeroDivisionError(ANNA)))
    assert len(meta.said) == 1
    assert report.troubles == {"buyers_google": "fault_ZeroDivisionError"}


def test_what_cannot_be_read_or_is_not_known_stays_on_the_queue(world):
    hint = decode_hint(world.take_hints()[0])
    unknown = encode_hint(type(hint)("published_just_now", hint.identifiers))

    report, google, _ = pushed(world, ["{}", unknown])

    assert report.kept == {"0", "1"}
    assert google.said == []


def test_without_time_left_nothing_is_begun(world):
    report, google, meta = pushed(world, world.take_hints(), has_time=False)
    assert report.kept == {"0", "1"}
    assert (google.said, meta.said) == ([], [])


def test_a_table_that_does_not_answer_keeps_everything(world, monkeypatch):
    def silent(homes: Any, *, consistent: bool = False) -> Any:
        assert consistent
        raise Unavailable("no answer")

    bodies = world.take_hints()
    monkeypatch.setattr(world.table, "load_resolved", silent)

    report, google, _ = pushed(world, bodies)

    assert report.kept == {"0", "1"}
    assert google.said == []


def test_a_portrait_that_goes_on_changing_keeps_its_hints(world):
    class Restless(Lists):
        def change(self, destination: Destination, change: Change) -> Mapping[str, int]:
            world.now += 1
            world.consent("u1", "Withdrawn" if len(self.changes) % 2 else "Granted")
            world.consent("u1", "Withdrawn" if len(self.changes) % 2 == 0 else "Granted")
            world.now += 1
            world.consent("u1", "Withdrawn" if len(self.changes) % 2 == 0 else "Granted")
            return super().change(destination, change)

    bodies = [body for body in world.take_hints() if "google" in body]
    report, google, _ = pushed(world, bodies, google=Restless())

    assert report.kept == {"0"}
    assert len(google.changes) == 5
    assert report.troubles == {}


def test_two_spellings_of_one_mailbox_do_not_take_each_other_out():
    world = World()
    world.join("u1", email="an.na@gmail.com")
    world.join("u2", email="anna@gmail.com")
    world.now += 1
    world.consent("u2", "Withdrawn")
    bodies = [body for body in world.take_hints() if "google" in body]

    _, google, _ = pushed(world, bodies)

    assert google.said == [([[digest("anna@gmail.com")]], [])]


def test_the_stream_of_an_older_version_is_understood(world):
    image = world.table.stream[-1]
    without = {**image, "NewImage": {k: v for k, v in image["NewImage"].items() if k != "changes"}}
    assert hints([without], world.catalogue) == world.take_hints()[-2:]
