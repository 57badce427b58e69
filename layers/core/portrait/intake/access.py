"""Who may send: the write key, the source it opens, and where a browser may send from."""

import base64
import binascii

from portrait.catalogue import Catalogue, Source
from portrait.faults import Rejected
from portrait.intake.requests import Request


def basic_key(request: Request) -> str:
    """Return the user name of Basic auth, with or without its colon, or nothing."""
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        decoded = base64.b64decode(credentials.strip(), validate=True)
    except (binascii.Error, ValueError):
        return ""
    return decoded.partition(b":")[0].decode("utf-8", "replace")


def open_source(catalogue: Catalogue, write_key: str, request: Request) -> Source:
    """Return the source that `write_key` opens for this request.

    Raises:
        Rejected: as `enabled_source`, or a browser sends from a site the source does not list.
    """
    source = enabled_source(catalogue, write_key)
    origin = request.headers.get("origin")
    if origin and source.allowed_origins and origin not in source.allowed_origins:
        raise Rejected("origin_not_allowed", "the source does not list this origin")
    return source


def enabled_source(catalogue: Catalogue, write_key: str) -> Source:
    """Return the source of a write key.

    Raises:
        Rejected: there is no key, nobody knows it, or its source is switched off.
    """
    return enabled(known_source(catalogue, write_key))


def enabled(source: Source) -> Source:
    """Return the source, or raise Rejected if it is switched off."""
    if not source.enabled:
        # RudderStack's convention; its clients stop, Segment's drop and go on.
        raise Rejected("source_disabled", "the source of these events is switched off")
    return source


def known_source(catalogue: Catalogue, write_key: str) -> Source:
    """Return the source of a write key, enabled or not.

    Raises:
        Rejected: there is no key, or nobody knows it.
    """
    if not write_key:
        raise Rejected(
            "missing_write_key",
            "send the write key as the user name of Basic auth or as `writeKey` in the body",
        )
    source = catalogue.source_by_write_key(write_key)
    if source is None:
        raise Rejected("unknown_write_key", "no source has this write key")
    return source
