"""The portrait as bytes: versioned, canonical, and small, since size is what a write costs."""

import zlib
from typing import Any

import msgspec

from portrait.strand import Strand

FORMAT = 1
MAX_STATE_BYTES = 300_000

_DICTIONARY = (
    b"Email Link Clicked Email Opened Email Delivered Consent Withdrawn marketing treated control "
    b"web app shop till import queue server browser sent claimed delivered opened service page "
    b"screen "
    b"Cart Viewed Checkout Started Product Added Product List Viewed Product Viewed.product_id "
    b"Consent Granted granted email:marketing Order Completed.revenue track identify phone country "
    b"createdAt lastName firstName first_name email"
)
"""What portraits say often, most frequent last. Changing it makes a new FORMAT."""

_encoder = msgspec.msgpack.Encoder(order="deterministic")
_decoder = msgspec.msgpack.Decoder(dict[str, Strand])


def encode(strands: dict[str, Strand]) -> bytes:
    """Return the strands, by home, in canonical bytes: equal strands give equal bytes.

    One format byte, then msgpack with sorted keys, deflated against a preset dictionary.
    """
    squeeze = zlib.compressobj(6, zlib.DEFLATED, -12, 9, zlib.Z_DEFAULT_STRATEGY, _DICTIONARY)
    packed = _encoder.encode(strands)
    return bytes([FORMAT]) + squeeze.compress(packed) + squeeze.flush()


def decode(state: bytes) -> dict[str, Strand]:
    """Read what `encode` of this or an earlier version wrote.

    Raises:
        ValueError: the format is newer than this code.
    """
    if not state:
        return {}
    if state[0] != FORMAT:
        raise ValueError(f"portrait state has format {state[0]}; this code reads up to {FORMAT}")
    stretch = zlib.decompressobj(-12, zdict=_DICTIONARY)
    return _decoder.decode(stretch.decompress(state[1:]) + stretch.flush())


def parts(strands: dict[str, Strand]) -> dict[str, int]:
    """Return how many packed bytes each part of a strand takes, summed over the strands."""
    sizes: dict[str, int] = {}
    for strand in strands.values():
        for field in Strand.__struct_fields__:
            value: Any = getattr(strand, field)
            sizes[field] = sizes.get(field, 0) + len(_encoder.encode(value))
    return sizes
