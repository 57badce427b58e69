"""Composing: from a message and a customer to something that only needs to be sent."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portrait import unsubscribe
from portrait.catalogue import Catalogue
from portrait.channels import Delivery, inbox
from portrait.channels.email import EmailChannel, Envelope
from portrait.channels.webhook import Callout, WebhookChannel
from portrait.compiled import Template
from portrait.faults import Rejected, Unavailable
from portrait.message import Message
from portrait.rendering import Email, render_email, render_webhook, values
from portrait.time_zones import time_zone
from portrait.unsubscribe import Unsubscription
from portrait.view import View

Send = Callable[[], Delivery]


@dataclass(frozen=True, slots=True)
class Composer:
    """What messages are made of, and the ways out."""

    catalogue: Catalogue
    email: EmailChannel
    webhook: WebhookChannel
    secret: bytes
    public_url: str

    def compose(self, view: View, message: Message, *, now: int) -> Send:
        """Render everything that will be sent, and return the act of sending it.

        Raises:
            Rejected: the template cannot be rendered for this customer, or shows no way out.
            Unavailable: the template is not known here yet, or links would lead nowhere.
        """
        template = self._template(message)
        link = self._unsubscribe_link(view, message, now)
        quiet = self.catalogue.policy.quiet_hours
        zone = time_zone(view.trait("timezone"), quiet and quiet.time_zone)
        known = values(view, message, unsubscribe_url=link, time_zone=str(zone))
        if message.channel == "webhook":
            body = render_webhook(template, known)
            callout = Callout(template.url, template.key, message.id, body)
            return lambda: self.webhook.send(callout)
        email = render_email(template, known)
        if message.purpose not in self.catalogue.policy.service_purposes:
            _require_way_out(email, link)
        envelope = Envelope(view.address("email") or "", message.id, message.strand, link)
        return lambda: self.email.send(email, envelope)

    def offer(self, view: View, message: Message) -> tuple[dict[str, Any], int]:
        """Return what an offer shows, and for how long (ms) a "not now" hides it.

        Raises:
            Rejected, Unavailable: as `compose`.
        """
        template = self._template(message)
        known = values(view, message, unsubscribe_url="", time_zone=str(view.zone))
        return inbox.compose(template, known)

    def _template(self, message: Message) -> Template:
        template = self.catalogue.templates.get(message.template)
        if template is None:  # definitions are cached: trigger may have seen a newer set
            raise Unavailable(f"template {message.template} is not known")
        if template.channel != message.channel:
            raise Rejected("render_error", "the template is for another channel")
        return template

    def _unsubscribe_link(self, view: View, message: Message, now: int) -> str:
        if not self.public_url:
            raise Unavailable("PUBLIC_URL is empty, so no link to unsubscribe can be made")
        what = Unsubscription(view.home, message.id, message.channel, message.purpose)
        return unsubscribe.link(self.public_url, unsubscribe.issue(self.secret, what, now=now))


def _require_way_out(email: Email, link: str) -> None:
    """Refuse a mail that does not show the recipient how to stop getting it."""
    if any(link not in part for part in (email.text, email.html) if part):
        raise Rejected("no_unsubscribe_link", "each part must show {{ unsubscribe_url }}")
