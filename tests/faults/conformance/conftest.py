"""Each case runs against both AWS."""

from collections.abc import Iterator

import pytest

from tests.faults.aws import Clock, Cloud, Faults, installed
from tests.faults.conformance.known_wrong import MINISTACK
from tests.faults.conformance.worlds import InProcess, MiniStack, World
from tests.local_aws import LocalAws


@pytest.fixture(scope="session")
def _ministack(_local_aws: LocalAws) -> MiniStack:
    return MiniStack(_local_aws.endpoint_url)


@pytest.fixture(params=["ours", "ministack"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """An AWS; where MiniStack is known to be wrong, its case must fail."""
    if request.param == "ours":
        with installed(Cloud(clock=Clock(), faults=Faults())) as cloud:
            yield InProcess(cloud)
        return
    if reason := MINISTACK.get(
        request.node.name.replace("ministack-", "").replace("[ministack]", "")
    ):
        request.applymarker(pytest.mark.xfail(reason=reason, strict=True))
    yield request.getfixturevalue("_ministack")
