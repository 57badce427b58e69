"""Folders of documents, and a definitions table in memory behind the real PynamoDB."""

import json
from pathlib import Path

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError, ConnectTimeoutError

from portrait.store import definitions


@pytest.fixture
def folder(tmp_path):
    """Return a function that writes files, as text or as documents, and returns their folder."""

    def write(**files) -> Path:
        for name, content in files.items():
            text = content if isinstance(content, str) else json.dumps(content)
            (tmp_path / f"{name}.yaml").write_text(text, "utf-8")
        return tmp_path

    return write


class Table:
    """The definitions table in memory: two conditions, transactions that are whole or nothing."""

    def __init__(self):
        self.items = {}
        self.requests = []
        self.fault = None

    def answer(self, operation, parameters):
        self.requests.append(operation)
        if self.fault:
            raise self.fault
        return {"Query": self._query, "TransactWriteItems": self._write}[operation](parameters)

    def _query(self, parameters):
        (shelf,) = (value["S"] for value in parameters["ExpressionAttributeValues"].values())
        found = [self.items[key] for key in sorted(self.items) if key[0] == shelf]
        return {"Items": found, "Count": len(found), "ScannedCount": len(found)}

    def _write(self, parameters):
        puts = [action["Put"] for action in parameters["TransactItems"]]
        codes = ["None" if self._fits(put) else "ConditionalCheckFailed" for put in puts]
        if "ConditionalCheckFailed" in codes:
            error = {"Code": "TransactionCanceledException", "Message": f"[{', '.join(codes)}]"}
            reasons = [{"Code": code} for code in codes]
            raise ClientError(
                {"Error": error, "CancellationReasons": reasons}, "TransactWriteItems"
            )
        self.items.update((self._key(put), put["Item"]) for put in puts)
        return {}

    def _fits(self, put):
        stored = self.items.get(self._key(put))
        if put["ConditionExpression"].startswith("attribute_not_exists"):
            return stored is None
        (version,) = put["ExpressionAttributeValues"].values()
        return stored is not None and stored["version"] == version

    def _key(self, put):
        return put["Item"]["shelf"]["S"], put["Item"]["slot"]["S"]

    def break_down(self):
        self.fault = ConnectTimeoutError(endpoint_url="https://dynamodb")


@pytest.fixture
def table(monkeypatch):
    """Put the in-memory table where DynamoDB would be, and forget any catalogue read before."""
    table = Table()
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-north-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setattr(
        BaseClient, "_make_api_call", lambda _, name, parameters: table.answer(name, parameters)
    )
    monkeypatch.setattr(definitions, "_held", definitions._Held())
    return table
