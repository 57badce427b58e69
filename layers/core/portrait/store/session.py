"""One botocore session for the whole process, and the clients made from it."""

from functools import cache
from typing import Any

import botocore.session
import pynamodb.connection.base
from botocore.config import Config

SESSION = botocore.session.get_session()

# PynamoDB opens a session of its own for each connection; sharing ours saves about 35 ms each.
pynamodb.connection.base.get_session = lambda: SESSION  # type: ignore[attr-defined,misc,assignment]

CONNECT_TIMEOUT_SECONDS = 2.0
READ_TIMEOUT_SECONDS = 5.0
REQUEST_TIMEOUT_SECONDS = 2.0
"""For what an HTTP client waits for: a few tries must fit into what it and the API allow."""


@cache
def client(service: str, *, attempts: int = 3, read_timeout: float = READ_TIMEOUT_SECONDS) -> Any:
    """Return the process's client of an AWS service.

    Args:
        attempts: total tries; 1 where a second try could do the work twice.
        read_timeout: seconds to wait for an answer.
    """
    config = Config(
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        read_timeout=read_timeout,
        retries={"total_max_attempts": attempts, "mode": "standard"},
        parameter_validation=False,
    )
    return SESSION.create_client(service, config=config)
