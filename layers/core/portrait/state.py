"""The portrait as bytes: versioned, canonical, and small, since size is what a write costs."""

import zlib
from typing import Any

import msgspec

from portrait.consents import Consent
from portrait.crossings import Crossing
from portrait.evidence import Cut, ExternalId, Refusal
from portrait.seen import Seen
from portrait.strand import Strand

_DEFLATED, _PLAIN = b"\x02", b"\x03"

MAX_PLAIN_BYTES = 700
"""Up to here, deflating takes longer than all the rest of folding an event and saves nothing: with
the item's native attributes it is one write unit (1 KB) either way."""

MAX_STATE_BYTES = 300_000

_DICTIONARY = (
    b"Email Link Clicked Email Opened Email Delivered Consent Withdrawn marketing treated control "
    b"web app shop till import queue server browser sent claimed delivered opened service page "
    b"screen "
    b"Cart Viewed Checkout Started Product Added Product List Viewed Product Viewed.product_id "
    b"Consent Granted granted email:marketing Order Completed.revenue track identify phone country "
    b"createdAt lastName firstName first_name email"
)
"""What portraits say often, most frequent last. Changing it makes a new format."""


class State(msgspec.Struct, array_like=True):
    """Everything a portrait's item holds beside its key, as `Portrait` describes it."""

    strands: dict[str, Strand] = {}
    ids: dict[str, ExternalId] = {}
    guards: dict[str, Seen] = {}
    cuts: list[Cut] = []
    kept: dict[str, Consent] = {}
    refusals: dict[str, Refusal] = {}
    segments: dict[str, int] = {}
    crossings: list[Crossing] = []
    watched: int = 0


_encoder = msgspec.msgpack.Encoder(order="deterministic")
_decoder = msgspec.msgpack.Decoder(State)


def encode(state: State) -> bytes:
    """Return the state in canonical bytes: equal states give equal bytes.

    One format byte, then msgpack with sorted keys, deflated against a preset dictionary where that
    may save a write unit.
    """
    packed = _encoder.encode(state)
    if len(packed) <= MAX_PLAIN_BYTES:
        return _PLAIN + packed
    squeeze = zlib.compressobj(6, zlib.DEFLATED, -12, 7, zlib.Z_DEFAULT_STRATEGY, _DICTIONARY)
    return _DEFLATED + squeeze.compress(packed) + squeeze.flush()


def decode(packed: bytes) -> State:
    """Read what `encode` wrote.

    Raises:
        ValueError: the format is another than this code's.
    """
    if not packed:
        return State()
    form = packed[:1]
    if form == _PLAIN:
        return _decoder.decode(memoryview(packed)[1:])
    if form != _DEFLATED:
        raise ValueError(f"portrait state has format {packed[0]}; this code reads 2 and 3")
    stretch = zlib.decompressobj(-12, zdict=_DICTIONARY)
    return _decoder.decode(stretch.decompress(packed[1:]))


def parts(strands: dict[str, Strand]) -> dict[str, int]:
    """Return how many packed bytes each part of a strand takes, summed over the strands."""
    sizes: dict[str, int] = {}
    for strand in strands.values():
        for field in Strand.__struct_fields__:
            value: Any = getattr(strand, field)
            sizes[field] = sizes.get(field, 0) + len(_encoder.encode(value))
    return sizes
