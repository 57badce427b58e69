"""A table's stream: what each write changed, in order, as Lambda hands it to a function."""

from base64 import b64encode
from typing import Any, NamedTuple

from tests.faults.aws.values import Item, Value

Key = tuple[Any, ...]
"""The plain values of an item's hash key and, where there is one, of its range key."""


class StreamRecord(NamedTuple):
    """One change of one item, both images kept; they are never changed in place."""

    table: str
    key: Key
    keys: Item
    sequence: int
    old: Item | None
    new: Item | None
    written_at: int
    expired: bool
    region: str

    def lambda_record(self) -> dict[str, Any]:
        """Return it as a function is given it: binary values as base64 text."""
        images = {"NewImage": self.new, "OldImage": self.old}
        change = {
            "ApproximateCreationDateTime": self.written_at // 1000,
            "Keys": as_json(self.keys),
            **{name: as_json(image) for name, image in images.items() if image is not None},
            "SequenceNumber": f"{self.sequence:021d}",
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        }
        record = {
            "eventID": f"{self.sequence:032x}",
            "eventName": self.event_name,
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": self.region,
            "dynamodb": change,
            "eventSourceARN": f"arn:aws:dynamodb:{self.region}:000000000000:table/{self.table}"
            "/stream/2026-01-01T00:00:00.000",
        }
        if self.expired:
            by = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
            record["userIdentity"] = by
        return record

    @property
    def event_name(self) -> str:
        """What happened to the item: INSERT, MODIFY or REMOVE."""
        if self.new is None:
            return "REMOVE"
        return "INSERT" if self.old is None else "MODIFY"


def as_json(item: Item) -> dict[str, Any]:
    """Return an item in DynamoDB's JSON, which knows no bytes."""
    return {name: _as_json(value) for name, value in item.items()}


def _as_json(value: Value) -> dict[str, Any]:
    ((kind, content),) = value.items()
    match kind:
        case "B":
            return {kind: b64encode(content).decode()}
        case "BS":
            return {kind: [b64encode(each).decode() for each in content]}
        case "L":
            return {kind: [_as_json(each) for each in content]}
        case "M":
            return {kind: as_json(content)}
    return dict(value)
