"""Slices of the portraits table, and the sizes of segments that were estimated from them.

Sizes are kept in the definitions table: shelf `sizes`, slot the day (UTC), so that they can be seen
to grow.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import msgspec
from botocore.exceptions import BotoCoreError
from pynamodb.exceptions import PynamoDBException

from portrait.faults import Unavailable
from portrait.record import Record
from portrait.segment_sizes import Sizes
from portrait.store.definitions import DefinitionItem
from portrait.store.portraits import PortraitItem

SHELF = "sizes"
SLICE_ITEMS = 1_000
"""Items in a slice, pointers and tombstones too: about a page of a scan."""

_decoder = msgspec.json.Decoder(Sizes)


def slices() -> int:
    """Return into how many slices the table is to be cut.

    Raises:
        Unavailable: DynamoDB did not answer in time.
    """
    try:
        about = PortraitItem.describe_table()["ItemCount"]  # counted every six hours
    except (PynamoDBException, BotoCoreError) as error:
        raise Unavailable("the portraits table did not answer") from error
    return max(1, -(-int(about) // SLICE_ITEMS))


def portraits_in(slice: int, total: int) -> Iterator[Record]:
    """Yield the portraits of one of `total` slices, a page at a time.

    Raises:
        Unavailable: DynamoDB did not answer in time.
    """
    scan = PortraitItem.scan(PortraitItem.state.exists(), segment=slice, total_segments=total)
    try:
        for item in scan:
            due_at = None if item.due_at is None else int(item.due_at)
            yield Record(item.home, int(item.version), item.state or b"", due_at=due_at)
    except (PynamoDBException, BotoCoreError) as error:
        raise Unavailable("portraits could not be read") from error


def keep(sizes: Sizes) -> None:
    """Keep the sizes as those of their day.

    Raises:
        Unavailable: DynamoDB did not answer in time.
    """
    day = f"{datetime.fromtimestamp(sizes.at / 1000, UTC):%Y-%m-%d}"
    content = msgspec.json.encode(replace(sizes, stale=()), order="sorted").decode()
    item = DefinitionItem(SHELF, day, version=1, document=content, published_at=sizes.at)
    try:
        item.save()
    except (PynamoDBException, BotoCoreError) as error:
        raise Unavailable("the sizes were not kept") from error


def latest() -> Sizes | None:
    """Return the sizes that were kept last, or None where none were.

    Raises:
        Unavailable: DynamoDB did not answer in time.
    """
    try:
        found = list(DefinitionItem.query(SHELF, scan_index_forward=False, limit=1))
    except (PynamoDBException, BotoCoreError) as error:
        raise Unavailable("the sizes could not be read") from error
    return _decoder.decode(found[0].document) if found else None
