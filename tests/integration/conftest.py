"""What several tests on the local AWS count."""

from collections import Counter
from typing import Any

import pytest
from botocore.client import BaseClient


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count the requests to DynamoDB, which are made all the same."""
    counted: Counter[str] = Counter()
    make = BaseClient._make_api_call

    def spy(self: Any, operation: str, parameters: Any) -> Any:
        counted[operation] += 1
        return make(self, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", spy)
    return counted
