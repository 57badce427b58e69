"""Clicks: a link of ours was followed, and leads on: `GET /l/<token>`."""

import hashlib
from typing import Any

from portrait import links, pages
from portrait.bursts import HONEYPOT
from portrait.callbacks.outside import Outside
from portrait.event import Event, encode_envelope
from portrait.faults import Unavailable
from portrait.feedback import by_machine, link_clicked
from portrait.intake.answers import Answer
from portrait.intake.homes import at_home
from portrait.intake.requests import Request
from portrait.judgement import at_first
from portrait.links import Click
from portrait.machines import is_prefetch, machine
from portrait.pages import Page

PREFIX = "/l/"
SOURCE = "links"


def follow(request: Request, outside: Outside) -> Answer:
    """Send whoever came on to where the link leads, and queue that somebody came.

    Whoever came is not known: nothing of the request but its moment goes with the event, so a
    message that was passed on ties nobody to the customer. Only a link that cannot be read leads
    nowhere; where the queue does not answer, a click lost beats a link that is broken.
    """
    if request.method not in ("GET", "HEAD"):
        return _page(pages.NOT_ALLOWED)
    try:
        secret = outside.secret()
    except Unavailable:
        return _page(pages.FOLLOW_AGAIN)
    click = links.read(secret, request.path.removeprefix(PREFIX), now=request.received_at)
    if click is None:
        return _page(pages.NOT_FOUND)
    if click.url == links.TRAP:  # whoever comes is no person, and gets nothing
        return _page(pages.NOT_FOUND)._replace(facts=_tell(request, outside, click))
    facts: dict[str, Any] = (
        {"head": True} if request.method == "HEAD" else _tell(request, outside, click)
    )
    return Answer(302, "", _headers(click.url), facts=facts)


def _tell(request: Request, outside: Outside, click: Click) -> dict[str, Any]:
    event = _event(request, click)
    try:
        outside.send([encode_envelope((event,))])
    except Unavailable:
        return {"event": event.name, "clicks_lost": 1}
    return {"event": event.name}


def _event(request: Request, click: Click) -> Event:
    properties: dict[str, Any] = {"channel": click.channel, "message_id": click.message}
    # What follows the path can carry addresses and tokens.
    properties["link"] = click.url.partition("?")[0].partition("#")[0]
    name = link_clicked(click.channel)
    why = HONEYPOT if click.url == links.TRAP else _machine(request)
    if why:
        name, properties["machine"] = by_machine(name), why
    else:
        name = at_first(name, properties)
    return Event(
        id="click-" + hashlib.blake2b(request.id.encode(), digest_size=16).hexdigest(),
        source=SOURCE,
        kind="track",
        name=name,
        identifiers=at_home(click.strand),
        timestamp=request.received_at,
        received_at=request.received_at,
        properties=properties,
    )


def _machine(request: Request) -> str | None:
    if is_prefetch(request.headers):
        return "prefetch"
    agent = request.headers.get("user-agent", "")
    return machine("click", user_agent=agent, address=request.address)


def _headers(url: str) -> dict[str, str]:
    return {
        "Location": url,
        "Cache-Control": "no-store",  # else a second click would never reach us
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex, nofollow",
    }


def _page(page: Page) -> Answer:
    return Answer(page.status, page.html, page.all_headers)
