"""Durations as people write them in documents: `15m`, `2h`, `30d`."""

import re

_UNITS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000}
_DURATION = re.compile(r"([1-9][0-9]{0,5})([mhd])")

LONGEST_MS = 3660 * _UNITS["d"]
"""Ten years: longer than any archive worth counting over."""


def milliseconds(text: str) -> int:
    """Return the length of `text` in milliseconds, at least one minute and at most ten years.

    Raises:
        ValueError: it is not a whole number of minutes, hours or days, or it is too long.
    """
    match = _DURATION.fullmatch(text)
    length = int(match[1]) * _UNITS[match[2]] if match else 0
    if not 0 < length <= LONGEST_MS:
        raise ValueError("expected a duration such as 15m, 2h or 30d, at most 3660d")
    return length


def canonical(text: str) -> str:
    """Return the same duration in the largest unit that divides it: `24h` is `1d`.

    Raises:
        ValueError: as `milliseconds`.
    """
    length = milliseconds(text)
    unit = next(unit for unit in "dhm" if length % _UNITS[unit] == 0)
    return f"{length // _UNITS[unit]}{unit}"


def offset_ms(text: str) -> int:
    """Return the length of an offset such as `14d`, `-30d` or `0d`, in milliseconds.

    Raises:
        ValueError: as `milliseconds`.
    """
    if text == "0d":
        return 0
    ahead = text.removeprefix("-")
    return -milliseconds(ahead) if ahead != text else milliseconds(ahead)
