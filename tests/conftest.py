"""The local AWS for tests that need one: started when the first of them asks, shared by all."""

import os
from collections.abc import Iterator
from unittest.mock import patch

import pytest

from tests.demo.ministack import ministack
from tests.demo.stack import Stack, running_stack
from tests.local_aws import LocalAws, forget_settings


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The whole product, deployed; tests share its data, so each brings customers of its own."""
    with running_stack(parameters={"DefinitionsMaxAgeSeconds": "1"}) as running:
        yield running


@pytest.fixture(scope="session")
def _local_aws() -> Iterator[LocalAws]:
    with ministack() as endpoint_url:
        yield LocalAws(endpoint_url)


@pytest.fixture
def aws(_local_aws: LocalAws) -> Iterator[LocalAws]:
    """An AWS with the template's tables, bucket, queues, bus and secret, all empty.

    portrait.store works on it, in this process and with the names it falls back on.
    """
    with patch.dict(os.environ):
        _local_aws.fill()
        yield _local_aws
    forget_settings()
