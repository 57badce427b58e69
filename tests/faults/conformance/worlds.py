"""The two AWS that one suite of cases runs against: ours in this process, and MiniStack."""

import time
from collections.abc import Mapping
from itertools import count
from typing import Any, Protocol

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.demo.ministack import CREDENTIALS, REGION
from tests.faults.aws import Cloud

_numbers = count(1)


class World(Protocol):
    """An AWS, and how much of its time passes."""

    def client(self, service: str) -> Any:
        """Return a botocore client of a service."""

    def table(self, hash_key: str = "home", range_key: str | None = None, **more: Any) -> str:
        """Create a table of its own for the case; return its name.

        Args:
            more: `indexes` {name: (hash, range or None[, projected])}, `types` {key: type},
                `stream` whether it has one.
        """

    def queue(self, **more: Any) -> str:
        """Create a queue and return its URL: `visibility_s`, `max_receives`, `dlq` (a URL)."""

    def bucket(self) -> str:
        """Create a bucket and return its name."""

    def wait(self, seconds: float) -> None:
        """Let time pass."""

    def stream(self, table: str) -> list[dict[str, Any]]:
        """Return the records of a table's stream, as the streams API gives them."""


def fresh(kind: str) -> str:
    """Return a name that no case had before."""
    return f"{kind}-{next(_numbers)}"


class InProcess:
    """Our own AWS."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud

    def client(self, service: str) -> Any:
        from portrait.store.session import SESSION

        return SESSION.create_client(service)

    def table(self, hash_key: str = "home", range_key: str | None = None, **more: Any) -> str:
        return self.cloud.create_table(fresh("table"), hash_key, range_key, **more).name

    def queue(self, *, dlq: str | None = None, visibility_s: float = 30, **more: Any) -> str:
        return self.cloud.create_queue(fresh("queue"), visibility_s=visibility_s, dlq=dlq, **more)

    def bucket(self) -> str:
        name = fresh("bucket")
        self.cloud.create_bucket(name)
        return name

    def wait(self, seconds: float) -> None:
        self.cloud.clock.advance(seconds * 1000)

    def stream(self, table: str) -> list[dict[str, Any]]:
        return [one.lambda_record() for one in self.cloud.tables[table].stream]


class MiniStack:
    """MiniStack over HTTP; what it keeps is of all cases, so every case has names of its own."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session = botocore.session.Session()
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self._session.create_client(
                service,
                region_name=REGION,
                endpoint_url=self._url,
                aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
                aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
                config=Config(retries={"total_max_attempts": 1}, parameter_validation=False),
            )
        return self._clients[service]

    def table(
        self,
        hash_key: str = "home",
        range_key: str | None = None,
        *,
        indexes: Mapping[str, Any] | None = None,
        types: Mapping[str, str] | None = None,
        stream: bool = False,
    ) -> str:
        name, indexes = fresh("table"), indexes or {}
        keys = {hash_key, range_key, *(key for shape in indexes.values() for key in shape[:2])}
        kinds = types or {}
        shape: dict[str, Any] = {
            "AttributeDefinitions": [
                {"AttributeName": key, "AttributeType": kinds.get(key, "S")}
                for key in sorted(filter(None, keys))
            ],
            "KeySchema": _schema(hash_key, range_key),
            "BillingMode": "PAY_PER_REQUEST",
        }
        if indexes:
            shape["GlobalSecondaryIndexes"] = [_index(n, *each) for n, each in indexes.items()]
        if stream:
            shape["StreamSpecification"] = {
                "StreamEnabled": True,
                "StreamViewType": "NEW_AND_OLD_IMAGES",
            }
        self.client("dynamodb").create_table(TableName=name, **shape)
        return name

    def queue(
        self,
        *,
        dlq: str | None = None,
        visibility_s: float = 30,
        max_receives: int | None = None,
        delay_s: float = 0,
    ) -> str:
        sqs = self.client("sqs")
        shape = {"VisibilityTimeout": str(visibility_s), "DelaySeconds": str(delay_s)}
        if dlq is not None:
            told = sqs.get_queue_attributes(QueueUrl=dlq, AttributeNames=["QueueArn"])
            arn = told["Attributes"]["QueueArn"]
            shape["RedrivePolicy"] = (
                f'{{"deadLetterTargetArn": "{arn}", "maxReceiveCount": {max_receives}}}'
            )
        url: str = sqs.create_queue(QueueName=fresh("queue"), Attributes=shape)["QueueUrl"]
        return url

    def bucket(self) -> str:
        name = fresh("bucket")
        self.client("s3").create_bucket(Bucket=name)
        return name

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)

    def stream(self, table: str) -> list[dict[str, Any]]:
        streams = self.client("dynamodbstreams")
        arn = streams.list_streams(TableName=table)["Streams"][0]["StreamArn"]
        shards = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
        records: list[dict[str, Any]] = []
        for shard in shards:
            at = streams.get_shard_iterator(
                StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )
            records += streams.get_records(ShardIterator=at["ShardIterator"])["Records"]
        return records


def _schema(hash_key: str, range_key: str | None) -> list[dict[str, str]]:
    keys = [{"AttributeName": hash_key, "KeyType": "HASH"}]
    return keys + ([{"AttributeName": range_key, "KeyType": "RANGE"}] if range_key else [])


def _index(
    name: str, hash_key: str, range_key: str | None, projects: list[str] | None = None
) -> dict[str, Any]:
    projection: dict[str, Any] = {"ProjectionType": "ALL"}
    if projects is not None:
        projection = {"ProjectionType": "INCLUDE", "NonKeyAttributes": projects}
    return {"IndexName": name, "KeySchema": _schema(hash_key, range_key), "Projection": projection}


def outcome(call: Any, **request: Any) -> str:
    """Return what became of a call: "ok", or the code of AWS's error."""
    try:
        call(**request)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "ok"
