"""The recipient's time zone: the best that is known of it, and how it is known."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, Protocol

from portrait.country_zones import country_named, zones_of
from portrait.time_zones import Zones, is_zone

ZoneSource = Literal["explicit", "device", "phone", "country", "policy"]
"""In the order in which they are asked; the first that knows a zone is believed."""

_MAX_PHONE = 32


class Traits(Protocol):
    """What is asked of a customer's view."""

    def trait(self, name: str) -> Any: ...


class RecipientZone(NamedTuple):
    """Where the recipient's clocks may stand, the most likely first; never empty."""

    zones: Zones
    source: ZoneSource


def recipient_zone(view: Traits, fallback: str) -> RecipientZone:
    """Return the recipient's zone, or all that they may be in, from the strongest source.

    A country that spans several zones, by itself or behind the prefix of a phone number, gives
    them all: what is allowed must then be allowed on each of their clocks.

    Args:
        fallback: the zone of a recipient of whom nothing is known.
    """
    explicit, device = view.trait("timezone"), view.trait("device_timezone")
    if is_zone(explicit):
        return RecipientZone((explicit,), "explicit")
    if is_zone(device):
        return RecipientZone((device,), "device")
    if zones := _of_phone(view.trait("phone")):
        return RecipientZone(zones, "phone")
    if zones := _of_country(view):
        return RecipientZone(zones, "country")
    return RecipientZone((fallback,), "policy")


def _of_phone(number: object) -> Zones:
    if not isinstance(number, str) or not number.startswith("+") or len(number) > _MAX_PHONE:
        return ()
    from portrait.phone_numbers import regions  # its library takes longer to import than boto3

    return zones_of(regions(number))


def _of_country(view: Traits) -> Zones:
    address = view.trait("address")
    said = [view.trait("country"), address.get("country") if isinstance(address, Mapping) else None]
    known = (country_named(name) for name in said)
    return next((zones_of((code,)) for code in known if code), ())
