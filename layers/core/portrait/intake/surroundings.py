"""Where it happened: the small part of `context` that travels with an event."""

import re
from typing import Any

from portrait.intake.calls import NO_CONTEXT, Context

_PARTS = (
    ("page", ("url", "path", "title", "referrer", "search")),
    ("campaign", ("name", "source", "medium", "term", "content")),
    ("library", ("name", "version")),
    ("device", ("type",)),
    ("app", ("name", "version")),
)

_IPV4 = re.compile(r"(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}", re.ASCII)
_IPV6 = re.compile(r"[0-9a-fA-F:.]{2,45}")


def kept(context: Context, network: str) -> dict[str, Any]:
    """Return what is worth keeping, texts only; traits never, they travel as identifiers.

    `network` is where the connection came from; without it the client's own word is taken.
    """
    small: dict[str, Any] = {}
    if context is not NO_CONTEXT:
        for part, names in _PARTS:
            value = getattr(context, part)
            if type(value) is dict:
                texts = {name: value[name] for name in names if type(value.get(name)) is str}
                if texts:
                    small[part] = texts
        if type(context.locale) is str:
            small["locale"] = context.locale
        if type(context.timezone) is str:
            small["timezone"] = context.timezone
        if context.consent is not None and (choices := _choices(context.consent)):
            small["consent"] = choices
        if not network and type(context.ip) is str:
            network = network_of(context.ip)
    if network:
        small["ip"] = network
    return small


def _choices(consent: Any) -> dict[str, bool]:
    preferences = consent.get("categoryPreferences") if isinstance(consent, dict) else None
    if not isinstance(preferences, dict):
        return {}
    return {name: choice for name, choice in preferences.items() if isinstance(choice, bool)}


def over(own: Context, shared: Context) -> Context:
    """Return the event's own context laid over the one its batch shares, part by part."""
    return Context(
        *(
            mine if (mine := getattr(own, part)) is not None else getattr(shared, part)
            for part in Context.__struct_fields__
        )
    )


def network_of(address: str) -> str:
    """Return the network an address lies in, /24 or /48, or nothing if it is not an address.

    A whole address singles out a household; the network still tells a country from a bot farm.
    """
    if match := _IPV4.fullmatch(address):
        return f"{match[1]}.0"
    if ":" not in address or not _IPV6.fullmatch(address):
        return ""
    groups = address.split(":")[:3]
    return ":".join(groups[: groups.index("")] if "" in groups else groups) + "::"
