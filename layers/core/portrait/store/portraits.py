"""The portraits table: loading homes, following pointers, and the one conditional write."""

from collections.abc import Callable, Iterable

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.exceptions import PutError, PynamoDBException, TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from portrait.faults import Conflict, Unavailable
from portrait.record import Record, Write
from portrait.resolution import MAX_HOPS
from portrait.settings import get_settings
from portrait.store import session
from portrait.store.races import is_race


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
    updated_at = NumberAttribute()
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
        raise Unavailable(f"portraits could not be read: {error.cause_response_code}") from error


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
    found = load_resolved([home], consistent=True)
    record = found.get(home)
    while record is not None and record.merged_into:
        record = found.get(record.merged_into)
    return record


def write(work: Write, *, now: int) -> None:
    """Write a root, and with it every home that now points to it, or nothing at all.

    Raises:
        Conflict: one of the records has changed since it was read.
        Unavailable: DynamoDB did not answer in time; the write may or may not have happened.
    """
    root = PortraitItem(
        work.root.home,
        version=work.root.version + 1,
        state=work.state,
        changes=work.changes,
        erased_at=work.root.erased_at,
        updated_at=now,
    )
    _translate(lambda: _put(root, work, now))


def _put(root: PortraitItem, work: Write, now: int) -> None:
    if not work.pointers:
        root.save(condition=_unchanged(work.root))
        return
    with TransactWrite(connection=_connection()) as transaction:
        transaction.save(root, condition=_unchanged(work.root))
        for record in work.pointers:
            pointer = PortraitItem(
                record.home,
                version=record.version + 1,
                merged_into=work.root.home,
                cause=work.cause,
                erased_at=record.erased_at,
                updated_at=now,
            )
            transaction.save(pointer, condition=_unchanged(record))


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
        raise Unavailable(f"the portrait was not written: {error.cause_response_code}") from error


def _record(item: PortraitItem) -> Record:
    return Record(
        item.home,
        int(item.version),
        item.state or b"",
        item.merged_into,
        None if item.erased_at is None else int(item.erased_at),
    )
