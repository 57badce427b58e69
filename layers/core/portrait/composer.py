"""Composing: from a message and a customer to something that only needs to be sent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portrait import links, unsubscribe
from portrait.catalogue import Catalogue
from portrait.channels import Channel, Outgoing, Send, inbox
from portrait.compiled import Template
from portrait.faults import Rejected, Unavailable
from portrait.learning.learning import Learning
from portrait.learning.recommending import Recommended
from portrait.links import Click
from portrait.message import Message
from portrait.portrait import Portrait
from portrait.rendering import NOTHING, asks_for, values
from portrait.unsubscribe import Unsubscription
from portrait.view import View

_COUNT_CLICKS_THEMSELVES = frozenset({"email"})


Recommends = Callable[[Portrait, Learning | None, int], Recommended]


def nothing(portrait: Portrait, learning: Learning | None, now: int) -> Recommended:
    """Recommend nothing to anybody."""
    return Recommended()


@dataclass(frozen=True, slots=True)
class Composer:
    """What messages are made of, and the ways out.

    Attributes:
        recommend: finds items for a customer; asked only for templates that show them.
    """

    catalogue: Catalogue
    channels: Mapping[str, Channel]
    secret: bytes
    public_url: str
    recommend: Recommends = nothing

    def compose(self, view: View, message: Message, *, now: int) -> Send:
        """Render everything that will be sent, and return the act of sending it.

        Raises:
            Rejected: the template cannot be written for this customer, or breaks a rule of its
                channel.
            Unavailable: template or channel is not known here, or links would lead nowhere.
        """
        channel = self.channels.get(message.channel)
        if channel is None:
            raise Unavailable(f"nothing is sent on {message.channel} here")
        template = self._template(message)
        link = self._unsubscribe_link(view, message, now)
        known = values(
            view, message, unsubscribe_url=link, time_zone=str(view.zone), opt_out=template.opt_out,
            tracker=self._tracker(message, now), trap_url=self._trap(message, now),
            recommended=self._recommended(template, view),
        )  # fmt: skip
        outgoing = Outgoing(
            message_id=message.id,
            strand=message.strand,
            template=template,
            values=known,
            addresses=view.addresses(message.channel),
            fresh=view.fresh_addresses(message.channel),
            unsubscribe_url=link,
            country=self.catalogue.identity.country,
            is_service=message.purpose in self.catalogue.policy.service_purposes,
            attempt=message.attempt,
            expires_at=message.expires_at,
            now=now,
        )
        return channel.compose(outgoing)

    def forget_connections(self) -> None:
        """Let every channel begin with new connections, as a sandbox must that was frozen."""
        for channel in self.channels.values():
            channel.forget_connections()

    def offer(self, view: View, message: Message) -> tuple[dict[str, Any], int]:
        """Return what an offer shows, and for how long (ms) a "not now" hides it.

        Raises:
            Rejected, Unavailable: as `compose`.
        """
        template = self._template(message)
        known = values(
            view, message, unsubscribe_url="", time_zone=str(view.zone),
            recommended=self._recommended(template, view),
        )  # fmt: skip
        return inbox.compose(template, known)

    def _template(self, message: Message) -> Template:
        template = self.catalogue.templates.get(message.template)
        if template is None:  # definitions are cached: trigger may have seen a newer set
            raise Unavailable(f"template {message.template} is not known")
        if template.channel != message.channel:
            raise Rejected("render_error", "the template is for another channel")
        return template

    def _recommended(self, template: Template, view: View) -> Mapping[str, Sequence[str]]:
        """Return what the customer is recommended, if the template asks for it."""
        if not asks_for(template, "recommended"):
            return NOTHING
        return self.recommend(view.portrait, self.catalogue.learning, view.now)._asdict()

    def _unsubscribe_link(self, view: View, message: Message, now: int) -> str:
        if not self.public_url:
            raise Unavailable("PUBLIC_URL is empty, so no link to unsubscribe can be made")
        what = Unsubscription(view.home, message.id, message.channel, message.purpose)
        return unsubscribe.link(self.public_url, unsubscribe.issue(self.secret, what, now=now))

    def _tracker(self, message: Message, now: int) -> Callable[[str], str] | None:
        """Return what makes links that tell of a click, where the provider does not."""
        if message.channel in _COUNT_CLICKS_THEMSELVES:
            return None

        return lambda url: self._link(message, url, now)

    def _trap(self, message: Message, now: int) -> str:
        """Return the address of a link that nobody sees, for mails, in which one can be hidden."""
        return self._link(message, links.TRAP, now) if message.channel == "email" else ""

    def _link(self, message: Message, url: str, now: int) -> str:
        click = Click(message.id, message.channel, message.strand, url)
        return links.link(self.public_url, links.issue(self.secret, click, now=now))
