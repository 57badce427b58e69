"""The definitions table: current documents and their history, and the catalogue made of them.

Keys: `shelf` (S, hash) and `slot` (S, range).
    current documents   shelf `current`              slot `<kind>#<key>`
    their history       shelf `history#<kind>#<key>`  slot the version, eight digits
    campaigns before    shelf `running`              slot `<key>#<version>`
The last are versions that dialogues may still run on, each with `until` (N, UTC ms). So every
current document is one Query of one partition. All carry `version` (N), `document` (S, canonical
JSON) and `published_at` (N, UTC ms).
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from botocore.exceptions import BotoCoreError
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.exceptions import PynamoDBException, TransactWriteError
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from portrait.catalogue import Catalogue
from portrait.durations import milliseconds
from portrait.faults import Conflict, Rejected, Unavailable
from portrait.metrics import DAY_MS
from portrait.settings import get_settings
from portrait.store.races import is_race
from portrait.store.shelves import Shelves

CURRENT = "current"
RUNNING = "running"

_log = logging.getLogger(__name__)


class DefinitionItem(Model):
    """One version of one document. Storage shape only, no behaviour."""

    class Meta(Shelves):
        pass

    shelf = UnicodeAttribute(hash_key=True)
    slot = UnicodeAttribute(range_key=True)
    version = NumberAttribute()
    document = UnicodeAttribute()
    published_at = NumberAttribute()
    until = NumberAttribute(null=True)


def use_table(name: str) -> None:
    """Work on the table of that name; call it before anything else."""
    DefinitionItem.Meta.table_name = name


def load_all(*, consistent: bool = False) -> list[dict[str, Any]]:
    """Return every current document, each with its `version`, in order of kind and key.

    Raises:
        Unavailable: DynamoDB did not answer in time.
    """
    return list(_read(CURRENT, consistent=consistent))


def load_running(now: int) -> list[dict[str, Any]]:
    """Return the earlier versions of campaigns that dialogues may still run on.

    Read consistently: whoever has read a newer version must find the one before it, or would take
    its dialogues for over.

    Raises:
        Unavailable: DynamoDB did not answer in time.
    """
    return [one for one in _read(RUNNING, consistent=True) if one["until"] > now]


def published_at(kind: str, key: str) -> int:
    """Return when the current version of a document was published, in UTC ms; 0 where it is none.

    Raises:
        Unavailable: DynamoDB did not answer in time.
    """
    try:
        found = DefinitionItem.query(
            CURRENT, DefinitionItem.slot == f"{kind}#{key}", consistent_read=True
        )
        return max((int(item.published_at) for item in found), default=0)
    except (PynamoDBException, BotoCoreError) as error:
        raise _unavailable(error) from error


def history(kind: str, key: str) -> list[dict[str, Any]]:
    """Return every version of one document, the first one first.

    Raises:
        Unavailable: DynamoDB did not answer in time.
    """
    return list(_read(_history(kind, key), consistent=True))


def publish(
    document: Mapping[str, Any],
    *,
    now: int,
    expected_version: int,
    before: Mapping[str, Any] | None = None,
) -> int:
    """Store a canonical document as the version after `expected_version` (0: it is new).

    The current document and its line in the history are written together or not at all.

    Args:
        before: the campaign as it was, which dialogues go on running on.

    Returns:
        The new version.

    Raises:
        Conflict: somebody published another version since `expected_version` was read.
        Unavailable: DynamoDB did not answer in time; the write may or may not have happened.
    """
    version = expected_version + 1
    kind, key = document["kind"], document["key"]
    content: dict[str, Any] = {
        "version": version,
        "document": msgspec.json.encode(document, order="sorted").decode(),
        "published_at": now,
    }
    current = DefinitionItem(CURRENT, f"{kind}#{key}", **content)
    past = DefinitionItem(_history(kind, key), f"{version:08d}", **content)
    unchanged = (
        DefinitionItem.version == expected_version
        if expected_version
        else DefinitionItem.shelf.does_not_exist()
    )
    try:
        with TransactWrite(connection=_connection()) as transaction:
            transaction.save(current, condition=unchanged)
            transaction.save(past, condition=DefinitionItem.shelf.does_not_exist())
            if before is not None:
                transaction.save(_running(before, now))
    except TransactWriteError as error:
        if is_race(error):
            raise Conflict(f"{kind} {key} was published by somebody else just now") from error
        raise _unavailable(error) from error
    except (PynamoDBException, BotoCoreError) as error:
        raise _unavailable(error) from error
    return version


@dataclass(slots=True)
class _Held:
    catalogue: Catalogue | None = None
    checked_at: int = 0


_held = _Held()


def catalogue(now: int) -> Catalogue:
    """Return the compiled current definitions, read again once they are too old.

    When reading again fails, the ones that were read before stay in force for another while, so
    a definition that cannot be read stops nobody's events.

    Args:
        now: UTC milliseconds; its distance to the last reading counts, whichever way.

    Raises:
        Unavailable: there is nothing from before either.
    """
    max_age = get_settings().definitions_max_age_seconds * 1000
    if _held.catalogue is None or abs(now - _held.checked_at) >= max_age:
        try:
            _held.catalogue = _compile(now)
        except Unavailable as error:
            if _held.catalogue is None:
                raise
            _log.warning("definitions are stale: %s", error)
        _held.checked_at = now
    return _held.catalogue


def _running(campaign: Mapping[str, Any], now: int) -> DefinitionItem:
    """Return the item of a version before; it is needed for as long as a dialogue may last."""
    lasts = milliseconds(campaign["lasts_at_most"])
    goal, absent = campaign.get("goal"), campaign["entry"].get("absent")
    longest = max(lasts, milliseconds(goal["within"]) if goal else 0)
    longest += milliseconds(absent["within"]) if absent else 0  # held first, for so long
    content = {name: value for name, value in campaign.items() if name != "published_at"}
    return DefinitionItem(
        RUNNING,
        f"{campaign['key']}#{campaign['version']:08d}",
        version=campaign["version"],
        document=msgspec.json.encode(content, order="sorted").decode(),
        published_at=campaign.get("published_at", now),
        until=now + longest + DAY_MS,
    )


def _compile(now: int) -> Catalogue:
    try:
        return Catalogue.compile(load_all(), load_running(now))
    except Rejected as error:
        # The events that wait for it are not to blame, so this must not look like their fault.
        raise Unavailable(f"stored definitions cannot be used: {error.message}") from error


def _read(shelf: str, *, consistent: bool) -> Iterator[dict[str, Any]]:
    try:
        for item in DefinitionItem.query(shelf, consistent_read=consistent):
            told = {"version": int(item.version), "published_at": int(item.published_at)}
            if item.until is not None:
                told["until"] = int(item.until)
            yield {**msgspec.json.decode(item.document), **told}
    except (PynamoDBException, BotoCoreError) as error:
        raise _unavailable(error) from error


def _history(kind: str, key: str) -> str:
    return f"history#{kind}#{key}"


def _connection() -> Connection:
    connection: Connection = DefinitionItem._get_connection().connection
    return connection


def _unavailable(error: Exception) -> Unavailable:
    cause = getattr(error, "cause_response_code", None) or getattr(error, "cause", None) or error
    return Unavailable(f"the definitions table did not answer: {cause}")
