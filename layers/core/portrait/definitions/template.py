"""Templates: what a message says, per channel, in Liquid. Each channel's page tells more.

Liquid sees `customer` (traits), `event`, `campaign`, `message_id`, `unsubscribe_url`, `opt_out`,
`now` and `time_zone`; `recommended.new` and `recommended.repeat`, lists of the ids of up to ten
items by the model of taste, empty where there is none; a mail also `trap_url`, for a link that no
person sees.
"""

from datetime import date
from email.utils import parseaddr
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from portrait.definitions.fields import Duration, Form, Key, Line, Whole
from portrait.definitions.parts import Choice, Part

Url = Annotated[
    str,
    Form(r"https://[^\s{}]{1,500}", "an https:// address"),
]

Address = Annotated[
    str,
    Form(r"(https://|\{[{%])[^\r\n]{1,500}", "an https:// address, or Liquid that writes one"),
]


def _mailbox(text: str) -> str:
    name, address = parseaddr(text)
    if (not name and address != text) or not address.rpartition("@")[0] or not text.isprintable():
        raise PydanticCustomError("mailbox", "expected an address such as Shop <news@shop.example>")
    return text


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise PydanticCustomError("date", "expected a date such as 2026-12-31") from error


Mailbox = Annotated[str, Form(r"[^\r\n]{3,200}", "one line"), AfterValidator(_mailbox)]
ReplyAddress = Annotated[
    str, Form(r"[^\s@<>,;\"]{1,64}@[^\s@<>,;\"]{1,255}", "an address such as help@shop.example")
]
Day = Annotated[str, AfterValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]


class EmailTemplate(Part):
    """An e-mail, of text, HTML or both; where there is HTML alone, the text is read off it."""

    kind: Literal["template"]
    """Which kind of document this is."""
    key: Key
    """Name by which campaigns refer to the template."""
    channel: Literal["email"]
    """How it is sent."""
    subject: Line
    """Subject, in Liquid."""
    preview: Line | None = None
    """What inboxes show after the subject, in Liquid; it needs an HTML part to stand in."""
    text: Annotated[str, Field(min_length=1, max_length=50_000)] | None = None
    """Plain text part, in Liquid."""
    html: Annotated[str, Field(min_length=1, max_length=150_000)] | None = None
    """HTML part, in Liquid; values are escaped."""
    from_: Annotated[Mailbox | None, Field(alias="from")] = None
    """Whom it is from, in a domain that this stack sends for; not given, its usual sender."""
    reply_to: ReplyAddress | None = None
    """Where answers go; not given, to whom it is from."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.text is None and self.html is None:
            raise PydanticCustomError("empty", "text: expected text, html, or both")
        if self.preview is not None and self.html is None:
            raise PydanticCustomError("preview", "preview: needs an html part to stand in")
        return self


class SmsTemplate(Part):
    """A text message. Unless it is for service, it must show `opt_out` or `unsubscribe_url`."""

    kind: Literal["template"]
    """Which kind of document this is."""
    key: Key
    """Name by which campaigns refer to the template."""
    channel: Literal["sms"]
    """How it is sent."""
    text: Annotated[str, Field(min_length=1, max_length=8_000)]
    """What it says, in Liquid; one character outside of GSM-7 makes every segment shorter."""
    opt_out: Annotated[str, Form(r"[^\r\n]{1,60}", "one line of 1 to 60 characters")] = (
        "Reply STOP to opt out"
    )
    """How to stop such messages, in the language of the text; it shows as `{{ opt_out }}`."""
    max_segments: Annotated[Whole, Field(ge=1, le=10)] = 3
    """How many segments it may take; each is paid for."""


class PushTemplate(Part):
    """A notification on a phone."""

    kind: Literal["template"]
    """Which kind of document this is."""
    key: Key
    """Name by which campaigns refer to the template."""
    channel: Literal["push"]
    """How it is sent."""
    title: Line
    """First line, in Liquid."""
    body: Annotated[str, Field(min_length=1, max_length=4_000)]
    """What it says, in Liquid."""
    url: Annotated[str, Form(r"[^\r\n]{1,500}", "one line")] | None = None
    """What opens when it is touched, in Liquid."""
    data: Annotated[str, Field(min_length=1, max_length=4_000)] | None = None
    """Liquid that produces one JSON object for the app; write values with the `json` filter."""


class WebhookTemplate(Part):
    """A call to another system."""

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
    secret_version: Annotated[Whole, Field(ge=1, le=1_000_000)] | None = None
    """Which secret signs it, counted from 1; the next one makes a new secret."""
    previous_secret_until: Day | None = None
    """Before which day (UTC) the secret before it signs too, so that receivers can change over."""


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


_channel = Choice("channel", ("email", "sms", "push", "webhook", "inbox"), field="channel")

Template = Annotated[
    Annotated[EmailTemplate, Tag("<email>")]
    | Annotated[SmsTemplate, Tag("<sms>")]
    | Annotated[PushTemplate, Tag("<push>")]
    | Annotated[WebhookTemplate, Tag("<webhook>")]
    | Annotated[InboxTemplate, Tag("<inbox>")],
    Discriminator(_channel.tag),
    BeforeValidator(_channel.recognise),
]
