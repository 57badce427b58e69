"""How endpoints do: the same promises, kept by the table and by what the unit tests trust."""

import threading
from typing import Any

import pytest

from portrait.channels.circuit import FAILURES, FIRST_MS, PROBE_MS, Circuit, Endpoints
from portrait.store import definitions, endpoints
from portrait.store.session import SESSION
from tests.local_aws import LocalAws
from tests.unit.dispatch.breakers import InMemoryEndpoints

NOW = 1_763_726_400_000
KEY = "k" * 32


@pytest.fixture(params=["table", "memory"])
def circuits(request: pytest.FixtureRequest) -> Endpoints:
    if request.param == "memory":
        return InMemoryEndpoints()
    request.getfixturevalue("aws")
    endpoints._seen.clear()
    return endpoints


def fail(circuits: Endpoints, times: int, now: int = NOW) -> Circuit:
    for _ in range(times):
        circuits.failed(KEY, now, probing=False)
    return circuits.look(KEY, now)


def test_of_an_endpoint_that_never_failed_nothing_is_known(circuits):
    assert circuits.look(KEY, NOW) == Circuit()


def test_failures_are_counted_until_one_opens_it(circuits):
    assert fail(circuits, FAILURES - 1) == Circuit(failures=FAILURES - 1)
    assert fail(circuits, 1) == Circuit(FAILURES, 1, NOW + FIRST_MS)


def test_what_fails_after_it_opened_does_not_hold_it_open(circuits):
    fail(circuits, FAILURES)

    assert fail(circuits, 3, NOW + 1_000) == Circuit(FAILURES + 3, 1, NOW + FIRST_MS)


def test_one_asks_and_if_it_fails_it_opens_for_longer(circuits):
    seen = fail(circuits, FAILURES)
    later = NOW + FIRST_MS

    assert circuits.claim_probe(KEY, seen, later)
    assert not circuits.claim_probe(KEY, seen, later)
    assert circuits.look(KEY, later).open_until == later + PROBE_MS
    circuits.failed(KEY, later + 10, probing=True)

    assert circuits.look(KEY, later) == Circuit(FAILURES + 1, 2, later + 10 + 2 * FIRST_MS)


def test_who_asks_and_never_comes_back_is_followed_by_another(circuits):
    seen = fail(circuits, FAILURES)
    circuits.claim_probe(KEY, seen, NOW + FIRST_MS)
    known = circuits.look(KEY, NOW + FIRST_MS)

    assert known.admits(known.open_until) == "one"
    assert circuits.claim_probe(KEY, known, known.open_until)


def test_once_it_works_all_is_forgotten_but_that_it_is_gone(circuits):
    fail(circuits, FAILURES)
    circuits.gone(KEY, 3)

    circuits.succeeded(KEY)

    assert circuits.look(KEY, NOW) == Circuit(gone_at=3)


def test_of_many_that_fail_at_once_one_opens_it(aws: LocalAws):
    endpoints._seen.clear()
    work = [lambda: endpoints.failed(KEY, NOW, probing=False)] * 12

    _at_once(work)

    assert endpoints.look(KEY, NOW) == Circuit(12, 1, NOW + FIRST_MS)


def test_of_many_that_would_ask_one_may(aws: LocalAws):
    endpoints._seen.clear()
    seen, won = fail(endpoints, FAILURES), []

    _at_once([lambda: won.append(endpoints.claim_probe(KEY, seen, NOW + FIRST_MS))] * 12)

    assert won.count(True) == 1


def test_what_was_read_is_believed_for_some_seconds(aws: LocalAws):
    endpoints._seen.clear()
    requests: list[str] = []
    heard = lambda model, **_: requests.append(model.name)  # noqa: E731 - to be taken off again
    SESSION.register("before-call.dynamodb", heard)

    for moment in (0, 1_000, endpoints.REMEMBERED_MS - 1):
        endpoints.look(KEY, NOW + moment)
    once = list(requests)
    endpoints.look(KEY, NOW + endpoints.REMEMBERED_MS)
    SESSION.unregister("before-call.dynamodb", heard)

    assert (once, requests) == (["GetItem"], ["GetItem"] * 2)


def test_definitions_are_read_as_if_no_endpoint_were_there(aws: LocalAws):
    fail(endpoints, FAILURES)

    assert definitions.load_all(consistent=True) == []


def test_a_table_that_does_not_answer_stops_nobody(
    aws: LocalAws, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    endpoints._seen.clear()
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")  # where nothing listens

    assert endpoints.look(KEY, NOW) == Circuit()
    endpoints.failed(KEY, NOW, probing=False)
    endpoints.succeeded(KEY)
    endpoints.gone(KEY, 1)
    assert endpoints.claim_probe(KEY, Circuit(), NOW)

    assert caplog.text.count("endpoints could not be read or written: EndpointConnection") == 5


def _at_once(work: list[Any]) -> None:
    threads = [threading.Thread(target=each) for each in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
