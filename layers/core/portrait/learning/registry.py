"""The registry: how models are sealed when they are published, and told from what is none of ours.

A version of a model is a few files and a manifest that names each with its size and SHA-256. The
manifest and the pointer to the version in force carry an HMAC of a key that only the stack has.
Nothing is deserialised before all of that has been verified.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar

import msgspec

from portrait.faults import Rejected

EXPORT, REHEARSAL, CARD, ARTEFACT = "export.json", "rehearsal.json", "card.json", "model.joblib"
CARD_PAGE, MANIFEST = "card.html", "manifest.json"
FORMAT = 1


class File(NamedTuple):
    """One file of a version, as it must be."""

    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a version is made of, and with what.

    Attributes:
        libraries: versions of Python and of what was trained with, by name.
        revision: of the code, by git; empty where it is not known.
    """

    format: int = FORMAT
    name: str
    version: str
    made_at: int
    files: dict[str, File]
    libraries: dict[str, str]
    revision: str = ""


class Pointer(msgspec.Struct, frozen=True, kw_only=True):
    """Which version of a model is in force, and which was before it; empty for none."""

    name: str
    champion: str
    previous: str = ""
    at: int = 0


class _Sealed(msgspec.Struct, frozen=True):
    content: msgspec.Raw
    signature: str


Said = TypeVar("Said", Manifest, Pointer)


class Model(NamedTuple):
    """A version of a model whose files were verified."""

    version: str
    export: dict[str, Any]
    rehearsal: dict[str, Any]
    card: dict[str, Any]


def version_of(export: bytes, now: int) -> str:
    """Return what a version is called: when it was made (UTC), and eight digits of its export."""
    made = f"{datetime.fromtimestamp(now / 1000, UTC):%Y%m%dT%H%M%S}"
    return f"{made}-{hashlib.sha256(export).hexdigest()[:8]}"


def manifest_of(
    name: str,
    files: Mapping[str, bytes],
    *,
    now: int,
    libraries: Mapping[str, str],
    revision: str = "",
) -> Manifest:
    """Return the manifest of a new version."""
    return Manifest(
        name=name,
        version=version_of(files[EXPORT], now),
        made_at=now,
        files={each: _measured(content) for each, content in sorted(files.items())},
        libraries=dict(libraries),
        revision=revision,
    )


def seal(said: Manifest | Pointer, secret: bytes) -> bytes:
    """Return the manifest or pointer as it is kept."""
    content = msgspec.json.encode(said, order="sorted")
    signature = _signature(type(said), content, secret)
    return msgspec.json.encode(_Sealed(msgspec.Raw(content), signature))


def open_manifest(sealed: bytes, secret: bytes, *, name: str, version: str) -> Manifest:
    """Return the manifest of a version, once it has been shown to be ours and that version's.

    Raises:
        Rejected: `model_unsigned`, `model_foreign` or `unknown_model_format`.
    """
    manifest = _opened(Manifest, sealed, secret)
    if (manifest.name, manifest.version) != (name, version):
        raise Rejected("model_foreign", f"the manifest of {name} {version} is another version's")
    return manifest


def open_pointer(sealed: bytes, secret: bytes, *, name: str) -> Pointer:
    """Return which versions of a model a pointer names.

    Raises:
        Rejected: `model_unsigned`, `model_foreign` or `unknown_model_format`.
    """
    pointer = _opened(Pointer, sealed, secret)
    if pointer.name != name:
        raise Rejected("model_foreign", f"the pointer of {name} is another model's")
    return pointer


def verified(content: bytes, manifest: Manifest, file: str) -> bytes:
    """Return the content of a file if it is what the manifest says, and nothing else.

    Raises:
        Rejected: `model_foreign`, `model_truncated` or `model_tampered`.
    """
    expected = manifest.files.get(file)
    if expected is None:
        raise Rejected("model_foreign", f"{manifest.name} {manifest.version} has no {file}")
    if len(content) != expected.size:
        raise Rejected(
            "model_truncated", f"{file} has {len(content)} bytes, expected {expected.size}"
        )
    if not hmac.compare_digest(_measured(content).sha256, expected.sha256):
        raise Rejected("model_tampered", f"{file} is not what was published")
    return content


def read_json(content: bytes) -> dict[str, Any]:
    """Return a verified file of JSON.

    Raises:
        Rejected: `unknown_model_format`.
    """
    try:
        return msgspec.json.decode(content, type=dict[str, Any])
    except msgspec.MsgspecError as error:
        raise Rejected("unknown_model_format", "expected a file of JSON") from error


def promoted(pointer: Pointer | None, name: str, version: str, now: int) -> Pointer:
    """Return the pointer with a new champion; the one before it can be gone back to."""
    before = pointer.champion if pointer else ""
    return Pointer(name=name, champion=version, previous=before, at=now)


def rolled_back(pointer: Pointer, now: int) -> Pointer:
    """Return the pointer with both versions changed over; doing it twice undoes it.

    Raises:
        Rejected: `no_previous_model`.
    """
    if not pointer.previous:
        raise Rejected("no_previous_model", f"{pointer.name} has no version before this one")
    return Pointer(name=pointer.name, champion=pointer.previous, previous=pointer.champion, at=now)


def _measured(content: bytes) -> File:
    return File(len(content), hashlib.sha256(content).hexdigest())


def _signature(kind: type, content: bytes, secret: bytes) -> str:
    key = hmac.digest(secret, f"models/{kind.__name__.lower()}".encode(), "sha256")
    return hmac.digest(key, content, "sha256").hex()


def _opened(kind: type[Said], sealed: bytes, secret: bytes) -> Said:
    try:
        found = msgspec.json.decode(sealed, type=_Sealed)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Rejected("model_unsigned", "expected a signed manifest or pointer") from error
    content = bytes(found.content)
    expected = _signature(kind, content, secret)
    if not hmac.compare_digest(expected.encode(), found.signature.encode()):
        raise Rejected("model_unsigned", f"this {kind.__name__.lower()} is not signed by us")
    try:
        said = msgspec.json.decode(content, type=kind)
    except msgspec.MsgspecError as error:
        raise Rejected("unknown_model_format", "a newer version of the product wrote it") from error
    if isinstance(said, Manifest) and said.format != FORMAT:
        raise Rejected("unknown_model_format", f"format {said.format} is not known")
    return said
