"""Audiences: customers whom advertising platforms may recognise, kept in a list of theirs."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Tag

from portrait.definitions.fields import Form, Key, Line
from portrait.definitions.parts import Choice, Part


def _as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


AccountId = Annotated[
    str,
    Form("[0-9]{10}", "the ten digits of a Google Ads account, without dashes"),
    BeforeValidator(_as_text, json_schema_input_type=str | int),
]
ListId = Annotated[
    str,
    Form("[1-9][0-9]{0,24}", "the digits of an id"),
    BeforeValidator(_as_text, json_schema_input_type=str | int),
]


class Permission(Part):
    """The consent without which nobody is in the audience."""

    channel: Key = "ads"
    """The channel that consent is asked for."""
    purpose: Key = "advertising"
    """The purpose."""


class GoogleList(Part):
    """A customer list of Google Ads (Customer Match)."""

    platform: Literal["google"]
    """Where the list is kept."""
    customer_id: AccountId
    """The account that owns the list."""
    user_list_id: ListId
    """The list, which exists already: of contact information, with open membership."""
    login_customer_id: AccountId | None = None
    """The manager account that is signed in, where it is not the account itself."""


class MetaList(Part):
    """A Custom Audience of Meta, from a customer file."""

    platform: Literal["meta"]
    """Where the list is kept."""
    audience_id: ListId
    """The Custom Audience, which exists already."""


_platform = Choice("platform", ("google", "meta"), field="platform")

Destination = Annotated[
    Annotated[GoogleList, Tag("<google>")] | Annotated[MetaList, Tag("<meta>")],
    Discriminator(_platform.tag),
    BeforeValidator(_platform.recognise),
]


class Audience(Part):
    """The people of a segment who have consented, pushed as hashed identifiers to a platform."""

    kind: Literal["audience"]
    """Which kind of document this is."""
    key: Key
    """Name of the audience in logs and commands."""
    name: Line
    """What people call it."""
    segment: Key
    """Who belongs to it: the key of a segment."""
    consent: Permission = Permission()
    """What they must have said yes to."""
    destination: Destination
    """The list. It cannot be changed: whoever is in it could not be taken out any more."""
    status: Literal["active", "ended"] = "active"
    """An ended audience has no members: everybody is taken out of the list."""
