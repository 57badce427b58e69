"""Models in the data bucket: `models/<name>/<version>/…`, and the pointer to that in force."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from portrait.faults import Conflict, Fault, Rejected, Unavailable
from portrait.learning import registry
from portrait.learning.registry import (
    ARTEFACT,
    CARD,
    EXPORT,
    MANIFEST,
    REHEARSAL,
    Manifest,
    Model,
    Pointer,
)
from portrait.settings import get_settings
from portrait.store.secrets import secret
from portrait.store.session import client

READ_TIMEOUT_SECONDS = 20
Made = TypeVar("Made")


def publish(
    name: str,
    files: Mapping[str, bytes],
    *,
    now: int,
    libraries: Mapping[str, str],
    revision: str = "",
) -> str:
    """Put a new version in the bucket, its manifest last, and return what it is called.

    Nobody uses it before the pointer names it.

    Raises:
        Unavailable: S3 did not answer; what was put is not named by anything.
    """
    manifest = registry.manifest_of(name, files, now=now, libraries=libraries, revision=revision)
    for file, content in files.items():
        _put(_key(name, manifest.version, file), content)
    _put(_key(name, manifest.version, MANIFEST), registry.seal(manifest, secret()))
    return manifest.version


def pointer(name: str, *, patience: float = READ_TIMEOUT_SECONDS) -> tuple[Pointer | None, str]:
    """Return which version is in force and the tag to replace that by; None where none ever was.

    Args:
        patience: seconds to wait for S3, which is asked once where they are few.

    Raises:
        Rejected: it is not ours.
        Unavailable: S3 did not answer.
    """
    found = _get(f"models/{name}/pointer.json", patience)
    if found is None:
        return None, ""
    return registry.open_pointer(found[0], secret(), name=name), found[1]


def point(to: Pointer, *, tag: str) -> None:
    """Replace the pointer that was read with this tag.

    Raises:
        Conflict: somebody else replaced it first.
        Unavailable: S3 did not answer.
    """
    condition = {"IfMatch": tag} if tag else {"IfNoneMatch": "*"}
    _put(f"models/{to.name}/pointer.json", registry.seal(to, secret()), **condition)


def load(name: str, version: str) -> Model:
    """Return a version whose files were verified before anything of them was read.

    Raises:
        Rejected: it is not what was published; the reason says how.
        Unavailable: S3 did not answer.
    """
    manifest = _manifest(name, version)
    files = (_verified(manifest, file) for file in (EXPORT, REHEARSAL, CARD))
    return Model(version, *map(registry.read_json, files))


def export(name: str, version: str, *, patience: float = READ_TIMEOUT_SECONDS) -> Model:
    """Return the same with nothing but the export, which is all that is asked in use."""
    content = _verified(_manifest(name, version, patience), EXPORT, patience)
    return Model(version, registry.read_json(content), {}, {})


def artefact(name: str, version: str) -> bytes:
    """Return the bytes of a version's joblib artefact, verified; only these may be deserialised.

    Raises:
        Rejected: it is not what was published; the reason says how.
        Unavailable: S3 did not answer.
    """
    return _verified(_manifest(name, version), ARTEFACT)


@dataclass(slots=True)
class Champion(Generic[Made]):
    """The version of a model that is in force, kept as long as a definition may be.

    While a newer one cannot be had, because it is refused or S3 does not answer, the one that was
    there stays; a process that has none yet takes the previous one.

    Attributes:
        make: makes of a verified version what it is used as.
        refused: why the version in force is not used, if it is not.
        patience: seconds to wait for each answer of S3.
    """

    name: str
    make: Callable[[Model], Made]
    refused: str = ""
    version: str = ""
    patience: float = READ_TIMEOUT_SECONDS
    _made: Made | None = None
    _read_at: int | None = field(default=None)

    def at(self, now: int) -> Made | None:
        """Return what is in force at `now` (UTC ms); None where nothing ever was.

        Raises:
            Unavailable: S3 did not answer, and nothing is known from before.
        """
        age = get_settings().definitions_max_age_seconds * 1000
        if self._read_at is None or now - self._read_at >= age:
            self._refresh()
            self._read_at = now
        return self._made

    def _refresh(self) -> None:
        self.refused = ""
        try:
            found, _ = pointer(self.name, patience=self.patience)
            if found is None:
                self._made, self.version = None, ""
            elif found.champion != self.version:
                self._take(found)
        except Rejected as fault:
            self.refused = str(fault)
        except Unavailable:
            if self._made is None:
                raise

    def _take(self, found: Pointer) -> None:
        try:
            self._load(found.champion)
        except Rejected as fault:
            if self._made is None and found.previous:
                self._load(found.previous)
            self.refused = str(fault)

    def _load(self, version: str) -> None:
        model = export(self.name, version, patience=self.patience)
        self._made, self.version = self.make(model), version


def _manifest(name: str, version: str, patience: float = READ_TIMEOUT_SECONDS) -> Manifest:
    found = _get(_key(name, version, MANIFEST), patience)
    if found is None:
        raise Rejected("model_missing", f"there is no {name} {version}")
    return registry.open_manifest(found[0], secret(), name=name, version=version)


def _verified(manifest: Manifest, file: str, patience: float = READ_TIMEOUT_SECONDS) -> bytes:
    found = _get(_key(manifest.name, manifest.version, file), patience)
    if found is None:
        raise Rejected("model_missing", f"{manifest.name} {manifest.version} has lost its {file}")
    return registry.verified(found[0], manifest, file)


def _key(name: str, version: str, file: str) -> str:
    return f"models/{name}/{version}/{file}"


def _get(key: str, patience: float) -> tuple[bytes, str] | None:
    attempts = 3 if patience >= READ_TIMEOUT_SECONDS else 1
    s3 = client("s3", attempts=attempts, read_timeout=patience)
    try:
        answer = s3.get_object(Bucket=get_settings().data_bucket, Key=key)
        return answer["Body"].read(), answer["ETag"]
    except ClientError as error:
        if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
            return None
        raise _unavailable(error) from error
    except (BotoCoreError, OSError) as error:
        raise _unavailable(error) from error


def _put(key: str, content: bytes, **condition: Any) -> None:
    s3 = client("s3", read_timeout=READ_TIMEOUT_SECONDS)
    try:
        s3.put_object(Bucket=get_settings().data_bucket, Key=key, Body=content, **condition)
    except ClientError as error:
        if error.response["Error"]["Code"] in ("PreconditionFailed", "ConditionalRequestConflict"):
            raise Conflict("somebody else replaced the pointer first") from error
        raise _unavailable(error) from error
    except BotoCoreError as error:
        raise _unavailable(error) from error


def _unavailable(error: Exception) -> Fault:
    return Unavailable(f"the bucket did not answer: {type(error).__name__}")
