"""The settings documents that browser and mobile clients fetch before they send anything."""

from typing import Any

from portrait.catalogue import Source


def segment_settings(write_key: str, base_url: str) -> dict[str, Any]:
    """Return what Segment's clients read from their CDN.

    `Segment.io` must be there, or the browser client sends nothing; any other name makes it load
    code for that destination. Nothing else about the source is told: browser keys are public.
    """
    protocol, _, host = base_url.partition("://")
    options = {"apiKey": write_key, "apiHost": f"{host}/v1", "retryQueue": True}
    if protocol == "http":
        options["protocol"] = "http"
    return {
        "integrations": {"Segment.io": options},
        "plan": {},
        "metrics": {"sampleRate": 0},
        "consentSettings": {
            "allCategories": ["marketing", "analytics"],
            "hasUnmappedDestinations": False,
        },
    }


def rudder_settings(write_key: str, source: Source) -> dict[str, Any]:
    """Return what RudderStack's clients read; `enabled: false` makes them stop."""
    statistics = {"errors": {"enabled": False}, "metrics": {"enabled": False}}
    return {
        "source": {
            "id": source.key,
            "name": source.name,
            "writeKey": write_key,
            "enabled": source.enabled,
            "workspaceId": "portrait",
            "config": {"statsCollection": statistics},
            "destinations": [],
        }
    }
