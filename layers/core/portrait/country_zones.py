"""The clocks that people in a country live by, from the tables that come with tzdata."""

from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from struct import Struct, unpack_from

_FOLDER = "tzdata.zoneinfo"
_SINCE = 1_767_225_600
"""2026-01-01 in UTC seconds: zones that have kept the same time since then are one clock."""

_NOBODYS = ("Antarctica/", "Asia/Urumqi")
"""Zones nobody has a right to be asleep by: stations in the ice, and a clock beside the law's."""

_COUNTS = Struct(">20x6l")
"""A TZif header: 20 bytes, then isut, isstd, leap, time, type and char counts (RFC 9636, 3.1)."""

Clock = tuple[object, ...]


@lru_cache(maxsize=512)
def zones_of(countries: tuple[str, ...]) -> tuple[str, ...]:
    """Return the IANA zones of countries (ISO 3166 alpha-2), one for each clock that differs.

    Most countries have one, the United States have eight. The order is the table's, which mostly
    begins with a country's most populous zone. What is no inhabited country has no zone.
    """
    names = (name for country in countries for name in _zones().get(country, ()))
    clocks: dict[Clock, str] = {}
    for name in dict.fromkeys(names):
        clocks.setdefault(_clock(name), name)
    return tuple(clocks.values())


def country_named(name: object) -> str | None:
    """Return the ISO 3166 alpha-2 code for a code or an English name, in any case, or None."""
    if not isinstance(name, str) or not 0 < len(name) <= 64:
        return None
    plain = _plain(name)
    return _names().get(plain.removeprefix("the "))


@lru_cache(maxsize=1)
def _zones() -> dict[str, list[str]]:
    """Source: zone.tab, which names for each country its own zones."""
    found: dict[str, list[str]] = {}
    for country, _, name, *_ in _rows("zone.tab"):
        if not name.startswith(_NOBODYS):
            found.setdefault(country, []).append(name)
    return found


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """Source: iso3166.tab, and what people write instead."""
    rows = [(code, _plain(name)) for code, name in _rows("iso3166.tab")]
    short = [name.partition(" (")[0] for _, name in rows]
    found = {
        name: code for (code, _), name in zip(rows, short, strict=True) if short.count(name) < 2
    }
    found.update((name, code) for code, name in rows)
    found.update((code.lower(), code) for code, _ in rows)
    for code, written in _ALSO.items():
        found.update(dict.fromkeys(written.split(", "), code))
    return found


_ALSO = {
    "AE": "uae",
    "CI": "ivory coast, cote d'ivoire",
    "CZ": "czechia",
    "DE": "deutschland",
    "DK": "danmark",
    "FI": "suomi",
    "GB": "uk, united kingdom, great britain, england, scotland, wales, northern ireland",
    "GR": "el, hellas",
    "IE": "republic of ireland",
    "IS": "ísland",
    "KP": "north korea",
    "KR": "south korea, korea, republic of korea",
    "NL": "holland, nederland",
    "NO": "norge, noreg",
    "RU": "russian federation",
    "SE": "sverige",
    "TR": "türkiye, turkiye",
    "US": "usa, u.s., u.s.a., united states of america, america",
    "VN": "viet nam",
    "WS": "samoa",
}


def _plain(name: str) -> str:
    return " ".join(name.casefold().replace("&", "and").split())


def _rows(table: str) -> Iterator[list[str]]:
    text = files(_FOLDER).joinpath(table).read_text(encoding="utf-8")
    return (line.split("\t") for line in text.splitlines() if line and line[0] != "#")


def _clock(name: str) -> Clock:
    """Return what tells a zone's time from another's since `_SINCE`: its offsets, and its rule."""
    data = files(_FOLDER).joinpath(*name.split("/")).read_bytes()
    isut, isstd, leaps, times, kinds, chars = _COUNTS.unpack_from(data)
    # The block of 32-bit times comes first and is passed over; the 64-bit block is the whole one.
    start = 44 + times * 5 + kinds * 6 + chars + leaps * 8 + isstd + isut
    times, kinds = _COUNTS.unpack_from(data, start)[3:5]
    body = start + 44
    instants: tuple[int, ...] = unpack_from(f">{times}q", data, body)
    types = data[body + 8 * times : body + 9 * times]
    offsets = [unpack_from(">l", data, body + 9 * times + 6 * kind)[0] for kind in range(kinds)]
    past = bisect_right(instants, _SINCE)
    # The rule at the end of the file holds from the last change on, if there is none to come.
    listed = max(past - 1, 0) if past < times else times
    changes = [(max(at, _SINCE), offsets[kind]) for at, kind in zip(instants, types, strict=True)]
    return (data.rsplit(b"\n", 2)[1], *changes[listed:])
