"""Sweeps: waking whoever is in a campaign whose new version says where running dialogues go on."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

import msgspec

from portrait.waking import Wake, encode_wake

if TYPE_CHECKING:
    from portrait.campaigns import Campaign
    from portrait.catalogue import Catalogue

SETTLED_MS = 180_000
"""So long after it was published, every function has read the new version."""

Cursor = Mapping[str, Mapping[str, str]]


class Sweep(msgspec.Struct, frozen=True, tag_field="page", tag="sweep"):
    """One page of a sweep.

    Attributes:
        version: the new one, which says where dialogues of those before go on.
        since: who entered before this left long ago, UTC ms.
        cursor: where the page begins; None for the first.
    """

    campaign: str
    version: int
    since: int
    cursor: Cursor | None = None


class Entrants(NamedTuple):
    """The homes of those who may still be in a campaign, and the cursor of the next page."""

    homes: Sequence[str]
    cursor: Cursor | None


class Dossier(Protocol):
    """Where it is kept who entered which campaign."""

    def running(
        self, campaign: str, version: int, *, since: int, cursor: Cursor | None
    ) -> Entrants:
        """Return a page of those in versions before this one, the newest first."""


def unswept(catalogue: "Catalogue", *, after: int, now: int) -> Iterator["Campaign"]:
    """Yield the campaigns, paused ones too, that are to be swept for a version of this span.

    Args:
        after: UTC ms; what was published before was swept.
    """
    newest: dict[str, Campaign] = {}
    for (key, version), one in catalogue.versions.items():
        if key not in newest or version > newest[key].version:
            newest[key] = one
    for one in newest.values():
        moves = one.version > 1 and one.running != "keep"
        if moves and after < one.published_at <= now - SETTLED_MS:
            yield one


def first_page(campaign: "Campaign", catalogue: "Catalogue") -> Sweep:
    """Return where the sweep of a campaign begins."""
    lasts = max(o.lasts_ms for (key, _), o in catalogue.versions.items() if key == campaign.key)
    return Sweep(campaign.key, campaign.version, campaign.published_at - lasts)


def sweep(
    page: Sweep,
    dossier: Dossier,
    *,
    wake: Callable[[Sequence[str]], None],
    go_on: Callable[[Sequence[str]], None],
) -> Counter[str]:
    """Wake whoever is on a page and queue the next page; safe to repeat.

    Args:
        wake: puts bodies on the journeys queue.
        go_on: puts bodies on the pages queue.

    Raises:
        Unavailable: something did not answer; the page must come again.
    """
    found = dossier.running(page.campaign, page.version, since=page.since, cursor=page.cursor)
    homes = dict.fromkeys(found.homes)
    if homes:
        wake([encode_wake(Wake(home=home)) for home in homes])
    if found.cursor:
        go_on([encode_sweep(msgspec.structs.replace(page, cursor=found.cursor))])
    return Counter(woken=len(homes), last=not found.cursor)


_encoder = msgspec.json.Encoder()


def encode_sweep(page: Sweep) -> str:
    """Return the page as one message body."""
    return _encoder.encode(page).decode()
