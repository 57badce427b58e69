"""The portraits table: loading homes, following pointers, and the one conditional write."""

from collections.abc import Callable, Iterable

from pynamodb.attributes import (
    BinaryAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)
from pynamodb.connection import Connection
from pynamodb.exceptions import PutError, PynamoDBException, TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from portrait.faults import Conflict, Unavailable
from portrait.record import Record, Write
from portrait.resolution import MAX_HOPS, reach
from portrait.settings import get_settings
from portrait.store import session
from portrait.store.races import cause_of, is_race


class PortraitItem(Model):
    """One item per home. Storage shape only, no behaviour."""

    class Meta:
        table_name = get_settings().portraits_table or "portraits"
        read_timeout_seconds = session.READ_TIMEOUT_SECONDS
        connect_timeout_seconds = session.CONNECT_TIMEOUT_SECONDS
        max_retry_attempts = 2

    home = UnicodeAttribute(hash_key=True)
    version = NumberAttribute()
    state = BinaryAttribute(legacy_encoding=False, null=True)
    changes = BinaryAttribute(legacy_encoding=False, null=True)
    merged_into = UnicodeAttribute(null=True)
    cause = UnicodeAttribute(null=True)
    erased_at = NumberAttribute(null=True)
    beyond = UnicodeSetAttribute(null=True)
    updated_at = NumberAttribute()
    due_at = NumberAttribute(null=True)
    timer = NumberAttribute(null=True)
    expires_at = NumberAttribute(null=True)


def load(homes: Iterable[str], *, consistent: bool = False) -> dict[str, Record]:
    """Read the items at `homes`; a home where nothing lies has no entry.

    Raises:
        Unavailable: DynamoDB did not answer in time.
    """
    try:
        items = PortraitItem.batch_get(list(dict.fromkeys(homes)), consistent_read=consistent)
        return {item.home: _record(item) for item in items}
    except PynamoDBException as error:
        raise Unavailable(f"portraits could not be read: {cause_of(error)}") from error


def load_resolved(homes: Iterable[str], *, consistent: bool = False) -> dict[str, Record]:
    """Read `homes` and where their pointers lead: one round, and one more after a pointer."""
    found: dict[str, Record] = {}
    wanted = set(homes)
    for _ in range(MAX_HOPS):
        loaded = load(wanted, consistent=consistent)
        found.update(loaded)
        wanted = {r.merged_into for r in loaded.values() if r.merged_into} - found.keys()
        if not wanted:
            return found
    raise Unavailable(f"a chain of pointers is longer than {MAX_HOPS}")


def follow(home: str) -> Record | None:
    """Return the root that owns `home`, read consistently, or None where nothing lies."""
    return reach(home, load_resolved([home], consistent=True))


def write(work: Write, *, now: int) -> None:
    """Write a root, and with it every home that now points to it, or nothing at all.

    Raises:
        Conflict: one of the records has changed since it was read.
        Unavailable: DynamoDB did not answer in time; the write may or may not have happened.
    """
    _translate(lambda: _put(work, now))


def _put(work: Write, now: int) -> None:
    if work.items == 1:
        _root(work, now).save(condition=_unchanged(work.root))
        return
    with TransactWrite(connection=_connection()) as transaction:
        for part in work.parts:
            transaction.save(_root(part, now), condition=_unchanged(part.root))
            for record in part.pointers:
                pointer = _pointer(record, part, now)
                transaction.save(pointer, condition=_unchanged(record))


def bury(
    records: Iterable[Record],
    *,
    erased_at: int,
    leading: bool = False,
    others: Iterable[Write] = (),
) -> None:
    """Turn what lies at the records' homes into tombstones and write `others`, or nothing.

    Args:
        leading: let pointers lead on to where they led, until that is a tombstone itself.

    Raises:
        Conflict: one of the records has changed since it was read.
        Unavailable: DynamoDB did not answer in time; it may or may not have happened.
    """

    def put() -> None:
        with TransactWrite(connection=_connection()) as transaction:
            for record in records:
                tombstone = PortraitItem(
                    record.home,
                    version=record.version + 1,
                    merged_into=record.merged_into if leading else None,
                    erased_at=erased_at,
                    timer=_timer(record, None, erased_at),
                    updated_at=erased_at,
                )
                transaction.save(tombstone, condition=_unchanged(record))
            for part in others:
                transaction.save(_root(part, erased_at), condition=_unchanged(part.root))

    _translate(put)


def _root(part: Write, now: int) -> PortraitItem:
    return PortraitItem(
        part.root.home,
        version=part.root.version + 1,
        state=part.state,
        changes=part.changes,
        erased_at=part.root.erased_at,
        beyond=set(part.beyond) or None,
        due_at=part.wake_at,
        timer=_timer(part.root, part.wake_at, now),
        updated_at=now,
    )


def _pointer(record: Record, part: Write, now: int) -> PortraitItem:
    return PortraitItem(
        record.home,
        version=record.version + 1,
        merged_into=part.root.home,
        cause=part.cause,
        erased_at=record.erased_at,
        timer=_timer(record, None, now),
        updated_at=now,
    )


def _timer(record: Record, due_at: int | None, now: int) -> int | None:
    """Return what the trigger is to do about the timer, if anything: an instant, or 0 for none.

    An instant that has passed is told again, so that a timer that was lost is made up for.
    """
    settled = due_at is None or due_at > now
    return None if settled and due_at == record.due_at else due_at or 0


def _connection() -> Connection:
    # The table's own connection, so that a transaction uses the client that puts already warmed.
    connection: Connection = PortraitItem._get_connection().connection
    return connection


def _unchanged(record: Record) -> Condition:
    if record.version == 0:
        return PortraitItem.home.does_not_exist()
    return PortraitItem.version == record.version


def _translate(put: Callable[[], None]) -> None:
    try:
        put()
    except (PutError, TransactWriteError) as error:
        if is_race(error):
            raise Conflict("the portrait changed since it was read") from error
        raise Unavailable(f"the portrait was not written: {cause_of(error)}") from error


def _record(item: PortraitItem) -> Record:
    return Record(
        item.home,
        int(item.version),
        item.state or b"",
        item.merged_into,
        None if item.erased_at is None else int(item.erased_at),
        tuple(sorted(item.beyond or ())),
        None if item.due_at is None else int(item.due_at),
        updated_at=int(item.updated_at),
    )
