"""Where it happened: the small part of `context` that travels with an event."""

import re
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from portrait.intake.values import EmptyList, Fields, PlainFields

Text = str | None


class _Page(Struct, omit_defaults=True):
    url: Text = None
    path: Text = None
    title: Text = None
    referrer: Text = None
    search: Text = None


class _Campaign(Struct, omit_defaults=True):
    name: Text = None
    source: Text = None
    medium: Text = None
    term: Text = None
    content: Text = None


class _Release(Struct, omit_defaults=True):
    name: Text = None
    version: Text = None


class _Device(Struct, omit_defaults=True):
    type: Text = None
    token: Text = None


class _Consent(Struct, omit_defaults=True, rename="camel"):
    category_preferences: dict[str, bool] = {}


_PARTS: dict[str, Any] = {
    "page": _Page,
    "campaign": _Campaign,
    "library": _Release,
    "app": _Release,
    "device": _Device,
    "consent": _Consent,
    "locale": str,
    "timezone": str,
    "ip": str,
}
_IDENTITY = frozenset({"traits", "externalIds", "ip"})


class Context(Struct, rename="camel", omit_defaults=True):
    """The parts of `context` that are read, of whatever shape. Other parts are ignored."""

    traits: Fields = None
    external_ids: Any = None
    page: Any = None
    campaign: Any = None
    library: Any = None
    app: Any = None
    device: Any = None
    consent: Any = None
    locale: Any = None
    timezone: Any = None
    ip: Any = None


class PlainContext(Context):
    """A context whose parts all have the shape that is expected of them, as nearly all have."""

    if not TYPE_CHECKING:
        traits: PlainFields = None
        page: _Page | EmptyList | None = None
        campaign: _Campaign | EmptyList | None = None
        library: _Release | EmptyList | None = None
        app: _Release | EmptyList | None = None
        device: _Device | EmptyList | None = None
        consent: _Consent | EmptyList | None = None
        locale: Text = None
        timezone: Text = None
        ip: Text = None


NO_CONTEXT = PlainContext()
if TYPE_CHECKING:
    GivenContext = Context | None
else:
    GivenContext = Context | EmptyList | None


def kept(context: Context, network: str) -> dict[str, Any]:
    """Return what is worth keeping; traits never, they travel as identifiers.

    `network` is where the connection came from; without it the client's own word is taken. A part
    of an unexpected shape is left out.
    """
    if not isinstance(context, PlainContext):
        context = _plain(context)
    parts = msgspec.to_builtins(context)
    small = {name: part for name, part in parts.items() if part and name not in _IDENTITY}
    if not network and context.ip:
        network = network_of(context.ip)
    if network:
        small["ip"] = network
    return small


def _plain(context: Context) -> PlainContext:
    plain = PlainContext()
    for name, shape in _PARTS.items():
        part = getattr(context, name)
        try:
            setattr(plain, name, part if isinstance(part, Struct) else msgspec.convert(part, shape))
        except msgspec.ValidationError:
            continue
    return plain


def over(own: Context, shared: Context) -> Context:
    """Return the event's own context laid over the one its batch shares, part by part."""
    return Context(
        *(
            mine if (mine := getattr(own, part)) is not None else getattr(shared, part)
            for part in Context.__struct_fields__
        )
    )


_IPV4 = re.compile(r"(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}", re.ASCII)
_IPV6 = re.compile(r"[0-9a-fA-F:.]{2,45}")


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
