"""What lies at a home: a portrait, a pointer to the portrait that owns it, or a tombstone."""

import zlib
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from portrait.faults import Unavailable
from portrait.portrait import Portrait

UNTOUCHED = -1


# Neither is changed once made. They are not frozen because that makes a record four times as dear,
# and every event makes some.
@dataclass(slots=True)
class Record:
    """One item of the portraits table as it was read. `version` 0 means nothing was there.

    `beyond` are homes with other customers that this one's identifiers were seen with: who they are
    must be known to tell whose those identifiers are. `due_at` is when the portrait is to be woken,
    because time alone may then change a segment (UTC ms). `erased_before` is when the identifier
    was erased from whose home a pointer led here. `updated_at` is when it was written.
    """

    home: str
    version: int = 0
    state: bytes = b""
    merged_into: str | None = None
    erased_at: int | None = None
    beyond: tuple[str, ...] = ()
    due_at: int | None = None
    erased_before: int | None = None
    updated_at: int = 0

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

    def erased_since(self, home: str) -> int:
        """Return when the identifier at the home that this was reached from was erased, else -1."""
        at = self.erased_at if home == self.home else self.erased_before
        return -1 if at is None else at

    @classmethod
    def from_image(cls, image: Mapping[str, Mapping[str, Any]]) -> "Record":
        """Read a record from a stream image, in which binary values are base64 text."""
        return cls(
            image["home"]["S"],
            int(image["version"]["N"]),
            b64decode(image["state"]["B"]) if "state" in image else b"",
            image["merged_into"]["S"] if "merged_into" in image else None,
            int(image["erased_at"]["N"]) if "erased_at" in image else None,
            tuple(sorted(image["beyond"]["SS"])) if "beyond" in image else (),
            int(image["due_at"]["N"]) if "due_at" in image else None,
            updated_at=int(image["updated_at"]["N"]),
        )


class Write(msgspec.Struct):
    """What one unit of work leaves behind: roots, and the homes that now point to them.

    All of it is written or none: one conditional put where only one root changes, else one
    transaction. Each record is what was read, and is what its condition checks.

    Attributes:
        pointers: what was read at the homes that become pointers to `root`.
        beyond: as in `Record`.
        due_at: likewise; whoever does not review the segments leaves it as it was.
        others: more of the same transaction.
    """

    root: Record
    state: bytes
    changes: bytes | None
    pointers: tuple[Record, ...] = ()
    cause: str = ""
    beyond: tuple[str, ...] = ()
    others: tuple["Write", ...] = ()
    due_at: int | None = UNTOUCHED

    @property
    def wake_at(self) -> int | None:
        """When the root is to be woken from now on; nobody wakes the erased."""
        if not self.state:
            return None
        return self.root.due_at if self.due_at == UNTOUCHED else self.due_at

    @property
    def parts(self) -> tuple["Write", ...]:
        """This write and the others of its transaction."""
        return (self, *self.others)

    @property
    def items(self) -> int:
        """How many items it writes."""
        return 1 + len(self.pointers) + sum([part.items for part in self.others])
