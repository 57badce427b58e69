"""Who may ask: a server's key, and nobody in a browser."""

from portrait.catalogue import Catalogue, Source
from portrait.faults import Rejected
from portrait.intake.access import basic_key
from portrait.intake.requests import Request


def asking_source(catalogue: Catalogue, request: Request) -> Source:
    """Return the source whose key the request carries, whatever that key may do.

    Raises:
        Rejected: there is no key, or nobody knows it.
    """
    key = basic_key(request) or _bearer(request)
    if not key:
        raise Rejected(
            "missing_key",
            "send a server's key as the user name of Basic auth or as a Bearer token",
        )
    source = catalogue.source_by_write_key(key)
    if source is None:
        raise Rejected("unknown_key", "no source has this key")
    return source


def check_server(source: Source, request: Request) -> None:
    """Raise Rejected unless a server asks: what stands in a page or an app, anybody can read."""
    if source.kind != "server":
        raise Rejected("key_not_allowed", "this key may send events and read about nobody")
    if "origin" in request.headers:
        # The API's CORS is for sending events; a server's key has no business in a browser.
        raise Rejected("browser_not_allowed", "a server's key is not for browsers")
    if not source.enabled:
        raise Rejected("source_disabled", "the source of this key is switched off")


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
