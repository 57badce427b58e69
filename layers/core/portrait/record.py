"""What lies at a home: a portrait, a pointer to the portrait that owns it, or a tombstone."""

import zlib
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from portrait.faults import Unavailable
from portrait.portrait import Portrait


@dataclass(frozen=True, slots=True)
class Record:
    """One item of the portraits table as it was read. `version` 0 means nothing was there."""

    home: str
    version: int = 0
    state: bytes = b""
    merged_into: str | None = None
    erased_at: int | None = None

    @property
    def portrait(self) -> Portrait:
        """Return the portrait kept here, decoded anew: changing it changes nobody else's.

        Raises:
            Unavailable: a newer version of this code wrote it.
        """
        try:
            return Portrait.decode(self.home, self.state)
        except (ValueError, zlib.error, msgspec.MsgspecError) as error:
            raise Unavailable(f"a portrait cannot be read: {type(error).__name__}") from error

    @classmethod
    def from_image(cls, image: Mapping[str, Mapping[str, Any]]) -> "Record":
        """Read a record from a stream image, in which binary values are base64 text."""
        return cls(
            image["home"]["S"],
            int(image["version"]["N"]),
            b64decode(image["state"]["B"]) if "state" in image else b"",
            image["merged_into"]["S"] if "merged_into" in image else None,
            int(image["erased_at"]["N"]) if "erased_at" in image else None,
        )


@dataclass(frozen=True, slots=True)
class Write:
    """What one unit of work leaves behind: a root, and the homes that now point to it.

    All of it is written or none: one conditional put where only the root changes, else one
    transaction. Each record is what was read, and is what its condition checks.
    """

    root: Record
    state: bytes
    changes: bytes | None
    pointers: tuple[Record, ...] = ()
    cause: str = ""
