"""Published Node.js clients, unmodified, against the running stack."""

import pytest

from tests.e2e.arrivals import arrived, check_calls
from tests.e2e.node import run_script


@pytest.mark.parametrize("client", ["segment", "rudder"])
def test_every_call_of_a_published_client_arrives_once(stack, write_keys, client):
    source = f"{client}-node"

    run_script(f"{client}_calls.mjs", stack.api_url, write_keys[source])

    check_calls(arrived(stack, source, expected=6))
