"""Hints: identifiers whose place in an audience is to be looked at again.

A hint does not say what to do. It names homes, by which the truth is looked up when it is pushed,
and carries the hashes, since after an erasure nobody knows the values any more. So hints may be
doubled and reordered, and the list still ends as the portraits are.
"""

from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from portrait.audiences import Audience
from portrait.audiences.identifiers import Identifier, current, known
from portrait.changes import Changes, decode
from portrait.identity_rules import IdentityRules
from portrait.portrait import Portrait
from portrait.record import Record

if TYPE_CHECKING:
    from portrait.catalogue import Catalogue


class Hint(msgspec.Struct, frozen=True):
    """A body of the `audiences` queue: look at these identifiers in this audience."""

    audience: str
    identifiers: tuple[Identifier, ...]


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Hint)


def encode_hint(hint: Hint) -> str:
    """Return the hint as one queue body."""
    return _encoder.encode(hint).decode()


def decode_hint(body: str) -> Hint:
    """Read what `encode_hint` wrote.

    Raises:
        msgspec.MsgspecError: the body is anything else.
    """
    return _decoder.decode(body)


def hints(images: Iterable[Mapping[str, Any]], catalogue: "Catalogue") -> list[str]:
    """Return bodies for what stream records may change in the lists, none where it is nothing.

    Of somebody who never was in an audience, nothing is ever told to its platform.

    Args:
        images: the `dynamodb` part of each record.

    Raises:
        Unavailable: a newer version of this code wrote a portrait.
    """
    if not catalogue.audiences:
        return []
    return [encode_hint(hint) for image in images for hint in _hints(image, catalogue)]


def _hints(image: Mapping[str, Any], catalogue: "Catalogue") -> Iterator[Hint]:
    new = image.get("NewImage", {})
    before, after = _portrait(image.get("OldImage", {})), _portrait(new)
    told = decode(b64decode(new["changes"]["B"])) if "changes" in new else Changes()
    for audience in catalogue.audiences.values():
        if _moved(before, after, told, audience, catalogue.identity):
            hint = hint_of((before, after), audience, catalogue.identity)
            if hint.identifiers:
                yield hint


def hint_of(portraits: Iterable[Portrait], audience: Audience, rules: IdentityRules) -> Hint:
    """Return the hint to look at every address that is known of the portraits."""
    platform = audience.destination.platform
    found = {each for portrait in portraits for each in known(portrait, platform, rules)}
    return Hint(audience.key, tuple(sorted(found)))


def _moved(
    before: Portrait, after: Portrait, told: Changes, audience: Audience, rules: IdentityRules
) -> bool:
    crossed = any(crossing.segment == audience.segment for crossing in told.segments)
    was, is_now = audience.segment in before.segments, audience.segment in after.segments
    if crossed or was != is_now:
        return True
    if not is_now:
        return False
    if told.merges:  # whoever was absorbed may have been in it under another address
        return True
    platform = audience.destination.platform
    return current(before, platform, rules) != current(after, platform, rules)


def _portrait(image: Mapping[str, Any]) -> Portrait:
    if "state" not in image:
        return Portrait("")
    return Record.from_image(image).portrait
