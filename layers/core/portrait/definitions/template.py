"""Templates: what a message says, per channel, in Liquid."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from portrait.definitions.fields import Duration, Form, Key, Line
from portrait.definitions.parts import Choice, Part

Url = Annotated[
    str,
    Form(r"https://[^\s{}]{1,500}", "an https:// address"),
]

Address = Annotated[
    str,
    Form(r"(https://|\{[{%])[^\r\n]{1,500}", "an https:// address, or Liquid that writes one"),
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


class InboxTemplate(Part):
    """What waits where the customer comes by themselves; all of it together is 2,048 bytes at most.

    Liquid sees `customer` (traits), `event` and `campaign`.
    """

    kind: Literal["template"]
    """Which kind of document this is."""
    key: Key
    """Name by which campaigns refer to the template."""
    channel: Literal["inbox"]
    """How it is sent."""
    title: Line
    """First line, in Liquid."""
    text: Annotated[str, Field(min_length=1, max_length=4_000)]
    """What it says, in Liquid; plain text, which whoever shows it escapes."""
    image: Address | None = None
    """Address of a picture, in Liquid."""
    url: Address | None = None
    """Where it leads, in Liquid."""
    accept: Line | None = None
    """What the button says that accepts it, in Liquid."""
    decline: Line | None = None
    """What the button says that declines it, in Liquid."""
    script: Annotated[str, Field(min_length=1, max_length=4_000)] | None = None
    """What whoever does a task is to say, in Liquid; only tills and call centres see it."""
    data: Annotated[str, Field(min_length=1, max_length=4_000)] | None = None
    """Liquid that produces one JSON object for the shop's own use; write values with `json`."""
    snooze: Duration = "1d"
    """For how long a "not now" hides it."""


_channel = Choice("channel", ("email", "webhook", "inbox"), field="channel")

Template = Annotated[
    Annotated[EmailTemplate, Tag("<email>")]
    | Annotated[WebhookTemplate, Tag("<webhook>")]
    | Annotated[InboxTemplate, Tag("<inbox>")],
    Discriminator(_channel.tag),
    BeforeValidator(_channel.recognise),
]
