"""Trust in the platforms of these tests, and one of them, served."""

import ssl
from collections.abc import Iterator

import pytest

from portrait.channels import https
from tests.unit.audiences.platforms import AUTHORITY, Platform, serving


@pytest.fixture
def platform() -> Platform:
    return Platform()


@pytest.fixture
def address(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Return `host:port` at which the platform answers over TLS that the product trusts."""
    context = ssl.create_default_context()
    AUTHORITY.configure_trust(context)
    monkeypatch.setattr(https, "trusted", lambda: context)
    with serving(platform) as place:
        yield place
