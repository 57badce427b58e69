"""Reading the portraits table in pages, a request each, for work that goes on from message to
message."""

from collections.abc import Iterable, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError
from pynamodb.connection.table import TableConnection
from pynamodb.exceptions import PynamoDBException
from pynamodb.expressions.condition import Condition

from portrait.calendar_pages import Content
from portrait.faults import Unavailable
from portrait.overdue import Late
from portrait.record import Record, Write
from portrait.store import portraits
from portrait.store.portraits import PortraitItem
from portrait.store.races import cause_of

PAGE_ITEMS = 1000
"""Pointers and tombstones too; DynamoDB ends a page at 1 MB, whichever comes first."""

_FIELDS = ["home", "version", "state", "merged_into"]


def items() -> int:
    """Return about how many items the table has; DynamoDB counts them every six hours.

    Raises:
        Unavailable: DynamoDB did not answer in time.
    """
    try:
        return int(PortraitItem.describe_table()["ItemCount"])
    except (PynamoDBException, BotoCoreError) as error:
        raise Unavailable("the portraits table did not answer") from error


def page(chain: int, chains: int, *, cursor: str, moved_since: int) -> Content:
    """Return the portraits on a page, and the pointers that were written since an instant.

    Args:
        chain: which of `chains` segments of the table.
        cursor: home after which the page begins; empty for the first page.
        moved_since: UTC ms.

    Raises:
        Unavailable: DynamoDB did not answer in time.
    """
    wanted = PortraitItem.state.exists() | (
        PortraitItem.merged_into.exists() & (PortraitItem.updated_at >= moved_since)
    )
    answer = _scan(wanted, _FIELDS, chain, chains, cursor)
    last = answer.get("LastEvaluatedKey")
    return Content([*map(_record, answer["Items"])], last["home"]["S"] if last else "")


def overdue(chain: int, chains: int, *, cursor: str, before: int) -> Late:
    """Return the homes on a page that were to be woken before an instant (UTC ms).

    Raises:
        Unavailable: DynamoDB did not answer in time.
    """
    answer = _scan(PortraitItem.due_at < before, ["home"], chain, chains, cursor)
    last = answer.get("LastEvaluatedKey")
    return Late([item["home"]["S"] for item in answer["Items"]], last["home"]["S"] if last else "")


def load_resolved(homes: Iterable[str]) -> dict[str, Record]:
    """Read `homes`, consistently, and where their pointers lead."""
    return portraits.load_resolved(homes, consistent=True)


def write(work: Write, *, now: int) -> None:
    """Write as `portraits.write` does."""
    portraits.write(work, now=now)


def _scan(
    wanted: Condition, fields: Sequence[str], chain: int, chains: int, cursor: str
) -> dict[str, Any]:
    try:
        return _connection().scan(
            filter_condition=wanted,
            attributes_to_get=fields,
            limit=PAGE_ITEMS,
            segment=chain,
            total_segments=chains,
            exclusive_start_key=cursor or None,
        )
    except (PynamoDBException, BotoCoreError) as error:
        cause = cause_of(error) if isinstance(error, PynamoDBException) else type(error).__name__
        raise Unavailable(f"a page of portraits could not be read: {cause}") from error


def _record(item: dict[str, Any]) -> Record:
    return Record(
        item["home"]["S"],
        int(item["version"]["N"]),
        item["state"]["B"] if "state" in item else b"",
        item["merged_into"]["S"] if "merged_into" in item else None,
    )


def _connection() -> TableConnection:
    return PortraitItem._get_connection()
