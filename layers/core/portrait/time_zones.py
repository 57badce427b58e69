"""Time zones by their IANA names, where the name may come from anybody."""

from datetime import UTC, tzinfo
from functools import lru_cache

MAX_NAME = 64

Zones = tuple[str, ...]
"""Names of zones that exist: one, or all that somebody may be in."""


def time_zone(*names: object) -> tzinfo:
    """Return the first of the named zones that exists, or UTC."""
    return next((zone for name in names if (zone := _known(name)) is not None), UTC)


def is_zone(name: object) -> bool:
    """Tell whether a zone of that name exists."""
    return _known(name) is not None


def _known(name: object) -> tzinfo | None:
    return _load(name) if isinstance(name, str) and 0 < len(name) <= MAX_NAME else None


@lru_cache(maxsize=1024)
def _load(name: str) -> tzinfo | None:
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, not a plain name, a folder
        return None
