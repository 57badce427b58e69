"""What template.yaml deploys, as an account in memory: tables, queues, bucket and secret."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from functools import cache
from io import StringIO
from pathlib import Path
from types import MappingProxyType
from typing import Any
from unittest.mock import patch

from tests.demo.template import functions, load, resources

PROGRAMMES = Path(__file__).with_name("definitions")
EVERY = (PROGRAMMES / "shop.yaml", PROGRAMMES / "dialogues.yaml")
WRITE_KEYS = {"web": "faults-web-write-key-01", "shop": "faults-shop-write-key-01",
              "till": "faults-till-write-key-01"}  # fmt: skip
SECRET = "0123456789abcdef" * 4
GIVEN = {
    "PublicUrl": "https://api.shop.example.se",
    "SenderEmail": "hello@shop.example.se",
    "SmsOrigination": "phone-0123456789abcdef0123456789abcdef",
}
ALWAYS = {
    "AWS_REGION": "eu-north-1",
    "AWS_DEFAULT_REGION": "eu-north-1",
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "an-example-that-opens-nothing",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "POWERTOOLS_LOG_LEVEL": "CRITICAL",
}


@cache
def template() -> Mapping[str, Any]:
    return load()


def name_of(logical_id: str) -> str:
    """Return the name of a resource here: `EventsQueue` is `events`, `EventsDlq` `events-dlq`."""
    for ending in ("Table", "Queue", "Bucket"):
        if logical_id.endswith(ending):
            return logical_id.removesuffix(ending).lower()
    return logical_id.replace("Dlq", "-dlq").lower()


def create(cloud: Any) -> None:
    """Create in an empty account what the template declares."""
    for logical_id, table in resources(template(), "AWS::DynamoDB::Table").items():
        keys = [key["AttributeName"] for key in table["KeySchema"]]
        cloud.create_table(
            name_of(logical_id),
            *keys,
            indexes=_indexes(table),
            ttl=table.get("TimeToLiveSpecification", {}).get("AttributeName"),
            stream="StreamSpecification" in table,
            types={
                each["AttributeName"]: each["AttributeType"]
                for each in table["AttributeDefinitions"]
            },
        )
    queues = resources(template(), "AWS::SQS::Queue")
    for logical_id, queue in sorted(queues.items(), key=lambda pair: "RedrivePolicy" in pair[1]):
        redrive = queue.get("RedrivePolicy")
        cloud.create_queue(
            name_of(logical_id),
            visibility_s=queue.get("VisibilityTimeout", 30),
            max_receives=redrive and redrive["maxReceiveCount"],
            dlq=redrive and name_of(redrive["deadLetterTargetArn"]["Fn::GetAtt"][0]),
            retention_s=queue["MessageRetentionPeriod"],
        )
    for logical_id in resources(template(), "AWS::S3::Bucket"):
        cloud.create_bucket(name_of(logical_id))
    for logical_id in resources(template(), "AWS::SecretsManager::Secret"):
        cloud.create_secret(name_of(logical_id), SECRET)


def _indexes(table: Mapping[str, Any]) -> dict[str, tuple[Any, ...]]:
    shapes: dict[str, tuple[Any, ...]] = {}
    for index in table.get("GlobalSecondaryIndexes", ()):
        keys = [key["AttributeName"] for key in index["KeySchema"]]
        projects = index["Projection"].get("NonKeyAttributes")
        shapes[index["IndexName"]] = (*keys, *[None] * (2 - len(keys)), projects)
    return shapes


@cache
def batch_size(function: str) -> int:
    """Return how many messages or records the function takes at once, at most."""
    for properties in functions(dict(template())).values():
        if properties["Handler"].split(".")[1] == function:
            for event in properties["Events"].values():
                return int(_value(event["Properties"]["BatchSize"]))
    raise LookupError(function)


@cache
def variables() -> dict[str, str]:
    """Return what the template puts into the functions' environment, all of it."""
    every: dict[str, str] = dict(ALWAYS)
    for properties in functions(dict(template())).values():
        for name, value in properties["Environment"]["Variables"].items():
            every[name] = GIVEN["PublicUrl"] if name == "PUBLIC_URL" else _value(value)
    return every


def _value(value: Any) -> str:
    if not isinstance(value, dict):
        return str(value)
    if "Fn::If" in value:  # what the conditions ask for is not given here
        return _value(value["Fn::If"][2])
    named = value.get("Ref") or value["Fn::GetAtt"][0]
    if named in GIVEN:
        return GIVEN[named]
    if named in template()["Parameters"]:
        return str(template()["Parameters"][named].get("Default", ""))
    name = name_of(named)
    is_queue = template()["Resources"][named]["Type"] == "AWS::SQS::Queue"
    return f"https://sqs.eu-north-1.amazonaws.com/000000000000/{name}" if is_queue else name


@contextmanager
def settled() -> Iterator[None]:
    """Make this process look like the functions: no AWS account of anybody's is in reach."""
    foreign = {name: "" for name in os.environ if name.startswith("AWS_")}
    with patch.dict(os.environ):
        for name in foreign:
            del os.environ[name]
        os.environ.update(variables())
        yield


def publish(
    documents: Path = EVERY[0],
    keys: Mapping[str, str] = MappingProxyType(WRITE_KEYS),
    settings: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Publish documents, the first programme's if no others are named, as people do."""
    from portrait.definitions.__main__ import main

    said = StringIO()
    given = [f"--write-key={source}={key}" for source, key in keys.items()]
    given += [f"--set={name}={value}" for name, value in settings.items()]
    with redirect_stdout(said):
        code = main(["publish", str(documents), "--table", name_of("DefinitionsTable"), *given])
    if code:
        raise RuntimeError(f"the documents could not be published: {said.getvalue()}")
