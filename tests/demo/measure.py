"""What the stores hold when it is quiet: portraits, journeys, archive, quarantine, sent mail."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import urllib3
from boto3.dynamodb.types import TypeDeserializer

from portrait.catalogue import Catalogue
from portrait.portrait import Portrait
from tests.demo.stack import Stack


class Email(NamedTuple):
    """One e-mail that SES took; `at` is in UTC milliseconds."""

    to: str
    subject: str
    text: str
    at: int


class Row(NamedTuple):
    """One delivery of one event, as the archive has it."""

    receipt: str
    source: str
    id: str
    received_at: int


@dataclass
class Found:
    """Everything the stores hold, read once."""

    portraits: dict[str, Portrait] = field(default_factory=dict)
    pointers: dict[str, str] = field(default_factory=dict)
    journeys: list[dict[str, Any]] = field(default_factory=list)
    catalogue: Catalogue = field(default_factory=Catalogue)
    rows: list[Row] = field(default_factory=list)
    quarantined: Counter[str] = field(default_factory=Counter)
    emails: list[Email] = field(default_factory=list)

    def root(self, home: str) -> str:
        """Return where the pointers lead that begin at a home; a circle of them leads nowhere."""
        for _ in self.pointers:
            if home not in self.pointers:
                return home
            home = self.pointers[home]
        return home

    @property
    def entries(self) -> list[dict[str, Any]]:
        """Return the dossiers of who entered, without those of whom it is not sure yet."""
        return [item for item in self.journeys if "entered_at" in item]

    @property
    def applied(self) -> int:
        """Return how many events the strands of all portraits counted."""
        return sum(s.events for one in self.portraits.values() for s in one.strands.values())

    @property
    def duplicates(self) -> int:
        """Return how many deliveries brought an event that another had brought before."""
        receipts = {row.receipt for row in self.rows}
        return len(receipts) - len({(row.source, row.id) for row in self.rows})


def find(stack: Stack) -> Found:
    """Read every store of the stack."""
    found = Found(catalogue=catalogue(stack), emails=emails(stack))
    for item in scan(stack, stack.portraits_table):
        if "merged_into" in item:
            found.pointers[item["home"]] = item["merged_into"]
        elif "state" in item:
            found.portraits[item["home"]] = Portrait.decode(item["home"], item["state"].value)
    found.journeys = list(scan(stack, stack.journeys_table))
    for row in _lines(stack, "events/"):
        found.rows.append(Row(row["receipt"], row["source"], row["id"], row["received_at"]))
    found.quarantined.update(row["reason"] for row in _lines(stack, "quarantine/"))
    return found


def catalogue(stack: Stack) -> Catalogue:
    """Compile the definitions that are published in the stack."""
    items = scan(stack, stack.definitions_table)
    current = (item for item in items if item["shelf"] == "current")
    return Catalogue.compile(
        {**json.loads(item["document"]), "version": int(item["version"])} for item in current
    )


def emails(stack: Stack) -> list[Email]:
    """Return what SES of the local AWS took to send, in order."""
    answer = urllib3.request("GET", f"{stack.endpoint_url}/_ministack/ses/messages", timeout=10)
    return [
        Email(one["To"][0], one["Subject"], one["BodyText"] or "", round(one["Timestamp"] * 1000))
        for account in answer.json()["messages"].values()
        for one in account
    ]


def scan(stack: Stack, table: str) -> Iterator[dict[str, Any]]:
    """Yield every item of a table as plain values."""
    plain = TypeDeserializer().deserialize
    pages = stack.client("dynamodb").get_paginator("scan")
    for page in pages.paginate(TableName=table, ConsistentRead=True):
        for item in page["Items"]:
            yield {name: plain(value) for name, value in item.items()}


def _lines(stack: Stack, prefix: str) -> Iterator[dict[str, Any]]:
    """Yield every row of the gzip JSON Lines objects under a prefix of the data bucket."""
    s3, bucket = stack.client("s3"), stack.data_bucket
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    keys = [entry["Key"] for page in pages for entry in page.get("Contents", ())]

    def rows(key: str) -> list[dict[str, Any]]:
        body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return [json.loads(line) for line in gzip.decompress(body).splitlines()]

    with ThreadPoolExecutor(4) as readers:
        for found in readers.map(rows, keys):
            yield from found
