"""The public stream is read whole, and shuffled without changing what it says."""

import pytest

from tests.identity.stream import absent, stream

pytestmark = pytest.mark.skipif(bool(absent()), reason=absent() or "present")


@pytest.fixture(scope="module")
def in_time():
    return stream()


def test_every_sighting_and_every_person_is_there(in_time):
    assert len(in_time.events) + len(in_time.nameless) == len(in_time.truth) == 11_024
    assert in_time.people == len(set(in_time.truth.values())) == 2_089


def test_a_shuffle_changes_the_order_of_arrival_and_nothing_that_happened(in_time):
    shuffled = stream(1)
    said = {event.id: (event.timestamp, event.identifiers) for event in in_time.events}
    received = [event.received_at for event in shuffled.events]

    assert {e.id: (e.timestamp, e.identifiers) for e in shuffled.events} == said
    assert [e.id for e in shuffled.events] != [e.id for e in in_time.events]
    assert received == sorted(received)
    assert all(event.received_at >= event.timestamp for event in shuffled.events)


def test_an_absent_stream_says_so(tmp_path):
    assert "identity_stream is skipped" in absent(tmp_path)
