"""The definitions table: whole writes, one cheap read, and a catalogue that outlives a fault."""

import logging

import pytest

from portrait.faults import Conflict, Unavailable
from portrait.store import definitions

NOW = 1_780_000_000_000
MAX_AGE_MS = 60_000


def a_segment(key="vip", at_least=500):
    where = {"trait": "spend_ever", "at_least": at_least}
    return {"kind": "segment", "key": key, "name": key, "where": where}


def publish(document, expected_version=0):
    return definitions.publish(document, now=NOW, expected_version=expected_version)


@pytest.mark.usefixtures("table")
def test_what_is_published_is_current_and_every_version_is_remembered():
    assert publish(a_segment()) == 1
    assert publish(a_segment(at_least=900), expected_version=1) == 2
    publish(a_segment("newcomer"))

    stored = {"published_at": NOW}
    assert definitions.load_all() == [
        {**a_segment("newcomer"), "version": 1, **stored},
        {**a_segment(at_least=900), "version": 2, **stored},
    ]
    assert definitions.history("segment", "vip") == [
        {**a_segment(), "version": 1, **stored},
        {**a_segment(at_least=900), "version": 2, **stored},
    ]


def test_items_have_the_keys_that_the_template_declares(table):
    publish(a_segment())

    assert sorted(table.items) == [("current", "segment#vip"), ("history#segment#vip", "00000001")]
    assert table.items["current", "segment#vip"]["published_at"] == {"N": str(NOW)}
    assert table.requests == ["TransactWriteItems"]


@pytest.mark.parametrize("expected_version", [0, 2])
def test_a_version_that_is_not_the_next_one_is_refused_whole(table, expected_version):
    publish(a_segment())
    before = dict(table.items)

    with pytest.raises(Conflict, match="segment vip was published by somebody else"):
        publish(a_segment(at_least=1), expected_version=expected_version)
    assert table.items == before


def test_the_catalogue_is_two_requests_and_kept_until_it_is_too_old(table):
    publish(a_segment())
    table.requests.clear()

    first = definitions.catalogue(NOW)
    publish(a_segment("newcomer"))
    kept = definitions.catalogue(NOW + MAX_AGE_MS - 1)
    renewed = definitions.catalogue(NOW + MAX_AGE_MS)

    assert kept is first
    assert set(renewed.segments) == {"vip", "newcomer"}
    assert table.requests == ["Query"] * 2 + ["TransactWriteItems"] + ["Query"] * 2


@pytest.mark.usefixtures("table")
def test_a_clock_that_goes_back_far_does_not_freeze_the_catalogue():
    definitions.catalogue(NOW)
    publish(a_segment())

    assert set(definitions.catalogue(NOW - MAX_AGE_MS).segments) == {"vip"}


def test_a_catalogue_stays_in_force_while_the_table_cannot_be_read(table, caplog):
    publish(a_segment())
    first = definitions.catalogue(NOW)
    table.break_down()
    table.requests.clear()

    with caplog.at_level(logging.WARNING):
        assert definitions.catalogue(NOW + MAX_AGE_MS) is first
        assert definitions.catalogue(NOW + MAX_AGE_MS + 1) is first

    asked = len(table.requests)
    assert "definitions are stale" in caplog.text
    assert definitions.catalogue(NOW + 2 * MAX_AGE_MS - 1) is first
    assert len(table.requests) == asked


def test_a_document_that_cannot_be_used_is_nobodys_fault_but_the_tables(table):
    publish({"kind": "segment", "key": "vip", "where": {"nothing": 1}})

    with pytest.raises(Unavailable, match="stored definitions cannot be used"):
        definitions.catalogue(NOW)


def test_without_any_catalogue_the_fault_is_passed_on(table):
    table.break_down()

    with pytest.raises(Unavailable, match="the definitions table did not answer"):
        definitions.catalogue(NOW)


def test_a_write_that_is_not_answered_may_be_tried_again(table):
    table.break_down()

    with pytest.raises(Unavailable):
        publish(a_segment())
