"""Dialogues hear what became of a message in the write that records it, or else a moment later."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portrait import changes, hearing
from portrait.dialogue_dry_run import rehearsal
from portrait.record import Record, Write
from portrait.tickets import Amendment
from tests.unit.dialogues.campaigns import EVENTS, a_campaign, documents
from tests.unit.dialogues.shop import HOUR, Shop, letter

WAIT = {"wait": {"for": "9d"}}

acts = st.lists(
    st.tuples(st.sampled_from([0, 1, HOUR, 25 * HOUR, 80 * HOUR]), st.sampled_from(EVENTS)),
    max_size=6,
)


def played(document: dict[str, Any], happens: list[tuple[int, str]]) -> Shop:
    """Return a shop in which one customer began, did all that, and then nothing for long."""
    shop = Shop(document)
    shop.happens("Started")
    for pause, event in happens:
        shop.passes(pause)
        shop.happens(event)
    shop.passes(40 * 24 * HOUR)
    return shop


def known(shop: Shop) -> tuple[Any, ...]:
    return shop.dossiers(), shop.dialogues(), shop.sent, shop.portrait().encode(), shop.due_at()


@given(documents, acts)
@settings(max_examples=150, deadline=None)
def test_it_makes_no_difference_which_function_tells_a_dialogue(document, happens):
    at_once = known(played(document, happens))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rehearsal, "listener", lambda _: None)
        later = known(played(document, happens))

    assert at_once == later


def written(shop: Shop, monkeypatch) -> list[tuple[Record, Amendment, Write | None]]:
    """Play, and return what the listener was asked and what it answered."""
    calls = []

    def watched(catalogue):
        listen = hearing.listener(catalogue)

        def listened(record, amendment, now):
            calls.append((record, amendment, listen(record, amendment, now)))
            return calls[-1][2]

        return listened

    monkeypatch.setattr(rehearsal, "listener", watched)
    shop.happens("Started")
    return calls


def test_one_write_records_the_message_and_takes_the_dialogue_further(monkeypatch):
    shop = Shop(a_campaign([letter(), WAIT]))
    ((record, _, write),) = written(shop, monkeypatch)

    told = changes.decode(write.changes)
    assert [one.state for one in told.contacts] == ["sent"]
    assert [(one.what, one.value) for one in told.effects] == [("message", "sent")]
    assert told.outcomes == ()
    assert write.root is record
    assert write.due_at == shop.now + 9 * 24 * HOUR


def test_who_knows_the_campaign_not_yet_leaves_it_to_the_journey_function(monkeypatch):
    shop = Shop(a_campaign([letter(), WAIT]))
    calls = written(shop, monkeypatch)
    record, amendment, _ = calls[0]
    before = amendment.portrait.encode()

    older = replace(shop.catalogue, versions={}, newest={})
    assert hearing.listener(older)(record, amendment, shop.now) is None
    assert amendment.portrait.encode() == before
    assert changes.decode(amendment.write(record).changes).outcomes == amendment.outcomes


def test_a_fault_in_a_dialogue_costs_nothing_that_is_known_of_the_message(monkeypatch):
    def fails(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError

    shop = Shop(a_campaign([letter(), WAIT]))
    monkeypatch.setattr(hearing, "converse", fails)
    shop.happens("Started")

    assert shop.sent == ["c"]
    assert [one.path for one in shop.dossiers()] == [{"0": "sent"}]
