"""Write keys: hashing them, and replacing one without an outage."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from portrait.definitions.problems import DefinitionError

MAX_KEYS = 2
_KEY = re.compile(r"[!-9;-~]{16,128}")


def hashed(write_key: str) -> dict[str, str]:
    """Return what is stored of a write key."""
    digest = hashlib.sha256(write_key.encode()).hexdigest()
    return {"sha256": digest, "last4": write_key[-4:]}


def with_write_keys(
    source: Mapping[str, Any],
    published: Mapping[str, Any] | None,
    *,
    given: Sequence[str],
    generate: Callable[[], str],
) -> tuple[dict[str, Any], str | None]:
    """Return a canonical source with the keys it accepts from now on, and the key made for it.

    Keys that were published stay unless the document lists its own. A key that is given goes
    first and at most two stay, so the one before last stops working. A source that needs a key
    and has none gets one.

    Raises:
        DefinitionError: a given key is too short to be secret, or HTTP Basic cannot carry it.
    """
    if not all(map(_KEY.fullmatch, given)):
        expected = "expected 16 to 128 ASCII characters without spaces and ':'"
        raise DefinitionError([f"--write-key {source['key']}: {expected}"])
    kept = list(source["write_keys"] or (published or {}).get("write_keys", ()))
    made = None
    if not kept and not given and source["type"] != "queue":
        made = generate()
    for write_key in (*given, *([made] if made else ())):
        stored = hashed(write_key)
        if stored not in kept:
            kept.insert(0, stored)
    return {**source, "write_keys": kept[:MAX_KEYS]}, made
