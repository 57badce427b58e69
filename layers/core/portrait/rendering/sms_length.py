"""How long a text message is: which alphabet it needs, and how many segments are sent and paid for.

Source: 3GPP TS 23.038, GSM 7 bit default alphabet and its extension table; TS 23.040 for the six
octets that joining segments takes.
"""

import unicodedata
from collections.abc import Iterator
from typing import Literal, NamedTuple

Encoding = Literal["GSM-7", "UCS-2"]

_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_ESCAPED = frozenset("\f^{}\\[~]|€")
"""Written as an escape and another character: two units."""

_ROOM: dict[Encoding, tuple[int, int]] = {"GSM-7": (160, 153), "UCS-2": (70, 67)}
"""Units in a message of one segment, and in each segment of a longer one."""


class Length(NamedTuple):
    """What a text takes: septets of GSM-7, or 16-bit units of UCS-2."""

    encoding: Encoding
    units: int
    segments: int


def plain(text: str) -> str:
    """Return the text without what only costs: decomposed letters, hard spaces, controls.

    One decomposed å or one hard space would make a message of 160 characters one of three segments.
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\u00a0", " "))
    kept = (each for each in text if each == "\n" or unicodedata.category(each) != "Cc")
    return "\n".join(line.rstrip() for line in "".join(kept).strip().split("\n"))


def measure(text: str) -> Length:
    """Measure the text as it would be sent; an empty one takes no segment.

    A segment never ends between an escape and what it escapes, nor inside a surrogate pair, so
    there may be a unit left over at its end.
    """
    encoding: Encoding = "GSM-7" if set(text) <= _GSM | _GSM_ESCAPED else "UCS-2"
    sizes = list(_sizes(text, encoding))
    units = sum(sizes)
    alone, joined = _ROOM[encoding]
    if units <= alone:
        return Length(encoding, units, min(units, 1))
    segments, used = 1, 0
    for size in sizes:
        if used + size > joined:
            segments, used = segments + 1, 0
        used += size
    return Length(encoding, units, segments)


def _sizes(text: str, encoding: Encoding) -> Iterator[int]:
    if encoding == "GSM-7":
        return (2 if each in _GSM_ESCAPED else 1 for each in text)
    return (2 if ord(each) > 0xFFFF else 1 for each in text)
