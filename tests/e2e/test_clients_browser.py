"""The published browser client in headless Chromium, across origins, against the running stack."""

import pytest

from tests.e2e.arrivals import arrived, check_calls
from tests.e2e.browser import chromium, outcome_of
from tests.e2e.node import skip_without_node


def test_every_call_of_analytics_next_arrives_once(request):
    program = chromium()
    if program is None:
        pytest.skip("Chromium is not on PATH: install it, or name one with CHROMIUM=/path/to/it")
    skip_without_node()
    stack, keys = request.getfixturevalue("stack"), request.getfixturevalue("write_keys")
    source = "segment-browser"

    told = outcome_of(program, "browser.html", url=stack.api_url, writeKey=keys[source])

    assert told["sent"], told
    found = arrived(stack, source, expected=6)
    check_calls(found)
    assert {row["context"]["library"]["version"][:5] for row in found} == {"next-"}
    assert {row["context"]["page"]["title"] for row in found} == {"Boots"}
