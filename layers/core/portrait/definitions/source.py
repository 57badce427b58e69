"""Sources: where events come from, and the keys that let them in."""

from typing import Annotated, Literal

from pydantic import Field

from portrait.definitions.fields import Flag, Form, Key, Line, Origin, Whole
from portrait.definitions.parts import Part


class WriteKey(Part):
    """A write key, as little of it as is needed to recognise it. The key itself is never kept."""

    sha256: Annotated[str, Form("[0-9a-f]{64}", "the SHA-256 of the key, 64 hex digits")]
    """SHA-256 of the key, in lower-case hex."""
    last4: Annotated[str, Form(r"\S{4}", "the last 4 characters of the key")]
    """The last four characters, so that people can tell keys apart."""


class Source(Part):
    """A website, app, server or channel system that sends events."""

    kind: Literal["source"]
    """Which kind of document this is."""
    key: Key
    """Name of the source in events, reports and other documents."""
    name: Line
    """What people call it."""
    type: Literal["browser", "mobile", "server", "queue"]
    """Who holds the key: a browser or mobile key is public and can only append events; a queue
    source needs none, since the queue's policy says who may write."""
    enabled: Flag = True
    """false refuses everything it sends."""
    write_keys: Annotated[tuple[WriteKey, ...], Field(max_length=2)] = ()
    """Accepted keys; two at a time, so that a key can be replaced without an outage. The publish
    command fills this in."""
    max_age_days: Annotated[Whole, Field(ge=1, le=36500)] = 30
    """Events that were older than this when they arrived are refused."""
    allowed_origins: tuple[Origin, ...] = ()
    """Web origins a browser may send from; none listed allows all."""
