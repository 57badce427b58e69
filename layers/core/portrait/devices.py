"""Devices: what the surroundings of an event tell of how and when to reach its customer."""

from collections.abc import Mapping
from typing import Any

ZONE, TOKEN = "device_timezone", "push_token"
_PLATFORMS = {"ios": "ios", "android": "android"}


def surroundings(context: Mapping[str, Any]) -> dict[str, Any]:
    """Return the traits that an event's context tells: its device's zone and push token."""
    if not context:
        return {}
    told = {}
    if zone := context.get("timezone"):
        told[ZONE] = zone
    device = context.get("device") or {}
    platform = _PLATFORMS.get(str(device.get("type")).lower())
    if platform and device.get("token"):
        told[TOKEN] = f"{platform}:{device['token']}"
    return told
