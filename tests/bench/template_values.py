"""What template.yaml says about the functions and tables that are measured."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.bench.aws.dynamodb import Index, Table
from tests.demo.template import functions, load, resources


@dataclass(frozen=True)
class Deployed:
    """One function: its memory, and the messages or records that one invocation takes at most."""

    memory_mb: int
    batch_size: int


@cache
def deployed() -> Mapping[str, Deployed]:
    """Return every function of the template by the name of its folder."""
    template = load()
    return {
        properties["Handler"].split(".")[1]: Deployed(
            properties["MemorySize"], _batch_size(properties, template["Parameters"])
        )
        for properties in functions(template).values()
    }


def tables() -> dict[str, Table]:
    """Return every table of the template, empty, by its short name: portraits, journeys, …."""
    return {
        name.removesuffix("Table").lower(): Table(
            [key["AttributeName"] for key in properties["KeySchema"]],
            indexes=[_index(one) for one in properties.get("GlobalSecondaryIndexes", ())],
            streamed="StreamSpecification" in properties,
        )
        for name, properties in resources(load(), "AWS::DynamoDB::Table").items()
    }


def _index(properties: Mapping[str, Any]) -> Index:
    names = [key["AttributeName"] for key in properties["KeySchema"]]
    projection = properties["Projection"]
    everything = projection["ProjectionType"] == "ALL"
    return Index(names, None if everything else projection.get("NonKeyAttributes", ()))


def _batch_size(properties: Mapping[str, Any], parameters: Mapping[str, Any]) -> int:
    sizes = [
        event["Properties"]["BatchSize"]
        for event in properties.get("Events", {}).values()
        if "BatchSize" in event["Properties"]
    ]
    size = sizes[0] if sizes else 1
    return parameters[size["Ref"]]["Default"] if isinstance(size, dict) else size
