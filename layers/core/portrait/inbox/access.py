"""Who may see and answer an inbox: the company's servers, and a visitor's browser or app its own.

An anonymous id is as good as a key: long, random, and known to nobody but the device that made it.
"""

from typing import NamedTuple

from portrait.catalogue import Source
from portrait.faults import Rejected
from portrait.intake.requests import Request
from portrait.lookup.access import check_server
from portrait.waiting import Offer

CHANNELS = ("web", "app", "till", "call_centre")
_VISITORS_OWN = frozenset({"web", "app"})


class Asker(NamedTuple):
    """Whoever asks.

    Attributes:
        source: key of the source whose key they have.
        is_ours: a system of the company's, to which tasks, values and campaigns are no secret.
    """

    source: str
    is_ours: bool

    def may_see(self, offer: Offer) -> bool:
        """Tell whether an offer is for their eyes."""
        return self.is_ours or offer.kind == "offer"

    def check_channel(self, channel: str) -> None:
        """Raise Rejected where there is no such channel, or it is not theirs to speak for."""
        if channel not in CHANNELS:
            raise Rejected("invalid_channel", f"`channel` must be one of {', '.join(CHANNELS)}")
        if not self.is_ours and channel not in _VISITORS_OWN:
            raise Rejected("key_not_allowed", "this key speaks for the channels web and app")


def asker(source: Source, identifier: str, request: Request) -> Asker:
    """Return who asks about an identifier.

    Raises:
        Rejected: the source's key opens no inbox, or not this one.
    """
    if source.kind not in ("browser", "mobile"):
        check_server(source, request)
        return Asker(source.key, is_ours=True)
    if not source.enabled:
        raise Rejected("source_disabled", "the source of this key is switched off")
    origin = request.headers.get("origin")
    if origin and source.allowed_origins and origin not in source.allowed_origins:
        raise Rejected("origin_not_allowed", "the source does not list this origin")
    if not identifier.startswith("anonymous_id:"):
        raise Rejected("key_not_allowed", "this key opens the inbox of the visitor's anonymous_id")
    return Asker(source.key, is_ours=False)
