"""Templates: what a message says, per channel, in Liquid."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from portrait.definitions.fields import Form, Key, Line
from portrait.definitions.parts import Choice, Part

Url = Annotated[
    str,
    Form(r"https://[^\s{}]{1,500}", "an https:// address"),
]


class EmailTemplate(Part):
    """An e-mail. Liquid sees `customer` (traits), `event`, `campaign` and `unsubscribe_url`."""

    kind: Literal["template"]
    """Which kind of document this is."""
    key: Key
    """Name by which campaigns refer to the template."""
    channel: Literal["email"]
    """How it is sent."""
    subject: Line
    """Subject, in Liquid."""
    text: Annotated[str, Field(min_length=1, max_length=50_000)]
    """Plain text part, in Liquid."""
    html: Annotated[str, Field(min_length=1, max_length=150_000)] | None = None
    """HTML part, in Liquid; values are escaped."""


class WebhookTemplate(Part):
    """A call to another system. Liquid sees `customer` (traits), `event` and `campaign`."""

    kind: Literal["template"]
    """Which kind of document this is."""
    key: Key
    """Name by which campaigns refer to the template."""
    channel: Literal["webhook"]
    """How it is sent."""
    url: Url
    """Where it is sent to."""
    body: Annotated[str, Field(min_length=1, max_length=50_000)]
    """Liquid that produces one JSON document; write values with the `json` filter."""


_channel = Choice("channel", ("email", "webhook"), field="channel")

Template = Annotated[
    Annotated[EmailTemplate, Tag("<email>")] | Annotated[WebhookTemplate, Tag("<webhook>")],
    Discriminator(_channel.tag),
    BeforeValidator(_channel.recognise),
]
