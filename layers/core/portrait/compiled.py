"""Definitions as the functions hold them: canonical documents read once into frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from portrait.durations import milliseconds
from portrait.message import Channel
from portrait.metrics import DAY_MS

Document = Mapping[str, Any]
SourceKind = Literal["browser", "mobile", "server", "queue"]

PULL_CHANNELS = frozenset({"inbox"})
"""Channels where the customer comes to the message, so that it disturbs nobody at any hour."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where events come from.

    Attributes:
        write_keys: SHA-256 of each key that is accepted, in hex.
        allowed_origins: web origins a browser may send from; empty allows all.
    """

    key: str
    name: str
    kind: SourceKind
    enabled: bool
    write_keys: tuple[str, ...]
    max_age_days: int
    allowed_origins: tuple[str, ...]

    @property
    def max_age_ms(self) -> int:
        """How old an event may be when it is received."""
        return self.max_age_days * DAY_MS

    @classmethod
    def from_document(cls, document: Document) -> "Source":
        """Read a canonical `source` document."""
        return cls(
            key=document["key"],
            name=document["name"],
            kind=document["type"],
            enabled=document["enabled"],
            write_keys=tuple(key["sha256"] for key in document["write_keys"]),
            max_age_days=document["max_age_days"],
            allowed_origins=tuple(document["allowed_origins"]),
        )


@dataclass(frozen=True, slots=True)
class Template:
    """One message.

    An e-mail has subject, preview, text and html, sender and reply_to; a text message text,
    max_segments and opt_out; a push title, body, url and data; a webhook url and body (JSON). What
    waits in the inbox has title, text, image, url, accept, decline, script (for whoever does a
    task) and data (JSON).

    Attributes:
        sender: whom an e-mail is from, if not from the stack's own sender.
        opt_out: how to stop text messages, in the words of the template's language.
        secret_version: which of a webhook's secrets signs it.
        previous_secret_until: before which day (UTC, ISO 8601) the secret before it signs too.
        snooze: for how long a "not now" hides what waits in the inbox.
    """

    key: str
    version: int
    channel: Channel
    subject: str = ""
    preview: str = ""
    text: str = ""
    html: str = ""
    sender: str = ""
    reply_to: str = ""
    title: str = ""
    url: str = ""
    body: str = ""
    data: str = ""
    max_segments: int = 3
    opt_out: str = ""
    secret_version: int = 1
    previous_secret_until: str = ""
    image: str = ""
    accept: str = ""
    decline: str = ""
    script: str = ""
    snooze: str = "1d"

    @classmethod
    def from_document(cls, document: Document) -> "Template":
        """Read a canonical `template` document."""
        given = {"version": 0, "sender": document.get("from", ""), **document}
        return cls(**{each.name: given[each.name] for each in fields(cls) if each.name in given})


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `messages` in any window; None for channel or purpose covers every one.

    Attributes:
        window_ms: length of a window that rolls with the clock; None for each calendar day of the
            recipient.
    """

    messages: int
    window_ms: int | None
    channel: str | None = None
    purpose: str | None = None

    def covers(self, channel: str, purpose: str) -> bool:
        """Tell whether it is about messages of a channel and purpose."""
        return self.channel in (None, channel) and self.purpose in (None, purpose)

    @classmethod
    def from_document(cls, cap: Document) -> "Cap":
        """Read one of the caps of a canonical `policy` document."""
        window = milliseconds(cap["window"]) if "window" in cap else None
        return cls(cap["messages"], window, cap.get("channel"), cap.get("purpose"))


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Local minutes of the day between which nothing is sent; `start` > `end` spans midnight.

    Attributes:
        time_zone: of recipients of whom no zone is known.
        channels: the channels that fall silent; None for every one that disturbs.
    """

    start: int
    end: int
    time_zone: str
    channels: frozenset[str] | None = None

    @classmethod
    def from_document(cls, hours: Document, time_zone: str | None = None) -> "QuietHours":
        """Read the quiet hours of a canonical `policy` document in that zone, unless they say."""
        channels = hours.get("channels")
        return cls(
            _minutes(hours["from"]), _minutes(hours["to"]),
            hours.get("time_zone") or time_zone or "UTC",
            None if channels is None else frozenset(channels),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Policy:
    """The discipline of contact for the whole programme.

    Attributes:
        control: share of customers held out of every campaign, 0 to 1.
        service_purposes: exempt from consent, caps, quiet hours and the programme's control group.
        service_counts: whether caps count service messages, though they never stop one.
        company_zone: IANA zone of the company, where it is told apart from the quiet hours'.
    """

    control: float = 0.0
    seed: str = "programme"
    caps: tuple[Cap, ...] = ()
    quiet_hours: QuietHours | None = None
    service_purposes: frozenset[str] = frozenset({"service"})
    service_counts: bool = False
    company_zone: str | None = None

    @property
    def time_zone(self) -> str:
        """The company's zone, for customers of whom nothing says where they are."""
        return self.company_zone or (self.quiet_hours.time_zone if self.quiet_hours else "UTC")

    def exempts(self, channel: str, purpose: str) -> bool:
        """Tell whether such messages know no caps and no quiet hours."""
        return channel in PULL_CHANNELS or purpose in self.service_purposes

    def counts(self, channel: str, purpose: str) -> bool:
        """Tell whether such messages count against the caps of others."""
        if channel in PULL_CHANNELS:
            return False
        return self.service_counts or purpose not in self.service_purposes

    def quiet_for(self, channel: str, purpose: str) -> QuietHours | None:
        """Return the hours in which such messages do not go, or None if they go at any time."""
        hours = self.quiet_hours
        if hours is None or self.exempts(channel, purpose):
            return None
        return hours if hours.channels is None or channel in hours.channels else None

    @classmethod
    def from_document(cls, document: Document) -> "Policy":
        """Read a canonical `policy` document, also one from before caps had days."""
        quiet, zone = document.get("quiet_hours"), document.get("time_zone")
        return cls(
            control=document["control"],
            seed=document["seed"],
            caps=tuple(map(Cap.from_document, document["caps"])),
            quiet_hours=QuietHours.from_document(quiet, zone) if quiet else None,
            service_purposes=frozenset(document["service_purposes"]),
            service_counts=document.get("service_counts", False),
            company_zone=zone,
        )


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
