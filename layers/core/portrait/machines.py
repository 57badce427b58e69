"""Who opened or clicked: a person, for all that can be told, or a machine on the way to them.

What is recognised here is what one request says of itself. Who pretends to be a browser and waits
is given away by what else they follow (`bursts`), a moment later (`judgement`).
"""

import re
from collections.abc import Mapping
from typing import Literal

Act = Literal["open", "click"]
Reason = Literal[
    "bot", "scanner", "apple_privacy", "gmail_prefetch", "prefetch", "no_browser", "too_soon"
]

TOO_SOON_MS = 3_000
"""From sending to a click there are delivery, a glance and a tap: nobody is that fast, scanners at
the recipient's gate are. Source: field notes put them within five seconds of delivery."""

_BARE = "mozilla/5.0"
"""Apple's Mail Privacy Protection fetches pictures as this and not a word more; every browser goes
on with its platform. Source: SocketLabs, Identifying Apple MPP opens."""

_GMAIL_PREFETCH = "edge/12.246"
"""Gmail fetches pictures for whoever is signed in while a message arrives, as this browser of 2015.
Source: SparkPost (now Bird), Gmail is prefetching images."""

_PICTURE_PROXY = re.compile(r"googleimageproxy|yahoomailproxy")
"""They fetch a picture when a person looks at the message, which opens it, and follow no link.
Source: ScientiaMobile, What is Google Image Proxy."""

_OFFICE = re.compile(r"ms-?office|microsoft (office|outlook|url control)")
"""Outlook shows the pictures of what a person opened; a link it only tries, before the browser."""

_SCANNERS = re.compile(
    r"barracuda|proofpoint|mimecast|ciscosecureemail|ironport|trend ?micro|\btmes\b|forti(mail|net)"
    r"|sophos|symantec|messagelabs|safelinks|fireeye|trellix|zscaler|forcepoint|websense|avanan"
    r"|vadesecure|virustotal|urlscan"
)
_BOTS = re.compile(
    r"(?<!cu)bot(?![a-z0-9])|crawl|spider|preview|slurp|scan(ner)?\b|monitor|headless|phantomjs"
    r"|lighthouse|facebookexternalhit|whatsapp/|curl/|wget|python|^java/|go-http-client|okhttp"
    r"|axios|node-fetch|libwww|httpclient|guzzle|aiohttp|postman|^ruby|^php"
)
"""Source: RudderStack flags `bot`, `crawler` and `spider`; the rest are previews of links in chats,
and what programs call themselves that fetch without a browser. A Cubot is a telephone."""

_APPLE = "17."
"""17.0.0.0/8 is Apple's own; its proxies fetch, its customers are elsewhere."""

_PREFETCH_HEADERS = ("sec-purpose", "purpose", "x-purpose", "x-moz")


def machine(
    act: Act,
    *,
    user_agent: str | None,
    address: str = "",
    sent_at: int | None = None,
    at: int | None = None,
) -> Reason | None:
    """Return what shows that a machine did it, or None where a person may have.

    Args:
        user_agent: as the request said; None where nobody told, "" where there was none.
        address: IP address of the request.
        sent_at, at: when the message was sent and when this happened, UTC milliseconds.
    """
    told = None if user_agent is None else user_agent.strip().casefold()
    if told is not None and (reason := _of_agent(act, told)):
        return reason
    if act == "open" and address.startswith(_APPLE):
        return "apple_privacy"
    if sent_at is not None and at is not None and at - sent_at < TOO_SOON_MS:
        return "too_soon"
    return None


def is_prefetch(headers: Mapping[str, str]) -> bool:
    """Tell whether a browser says that it only looks ahead; the names are lower case.

    Source: Fetch standard (`Sec-Purpose`), and what WebKit and old Firefox send.
    """
    told = " ".join(headers.get(name, "") for name in _PREFETCH_HEADERS).casefold()
    return "prefetch" in told or "preview" in told


def _of_agent(act: Act, told: str) -> Reason | None:
    if _SCANNERS.search(told):
        return "scanner"
    if told == _BARE:
        return "apple_privacy" if act == "open" else "no_browser"
    if _GMAIL_PREFETCH in told:
        return "gmail_prefetch"
    if _BOTS.search(told):
        return "bot"
    if act == "click" and (not told or _OFFICE.search(told) or _PICTURE_PROXY.search(told)):
        return "no_browser"
    return None
