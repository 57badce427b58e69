"""Cut a layer's libraries down to what the product uses: size, and a third of a cold start.

usage: python slim.py PACKAGES        (run by the Makefile beside it)
"""

import gzip
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

OPERATIONS = {  # every call to AWS that the product makes; tests/contract compares it with the code
    "dynamodb": {
        "BatchGetItem",
        "DescribeTable",
        "GetItem",
        "PutItem",
        "Query",
        "Scan",
        "TransactWriteItems",
        "UpdateItem",
    },
    "events": {"PutEvents"},
    "pinpoint-sms-voice-v2": {"SendTextMessage"},
    "s3": {"GetObject", "PutObject"},
    "scheduler": {"CreateSchedule", "DeleteSchedule"},
    "secretsmanager": {"GetSecretValue"},
    "sesv2": {"SendEmail"},
    "sns": {"CreatePlatformEndpoint", "Publish", "SetEndpointAttributes"},
    "sqs": {"SendMessage", "SendMessageBatch"},
}
SHARED_DATA = {"_retry.json", "endpoints.json", "partitions.json", "sdk-default-configuration.json"}
UNUSED = (
    "**/tests",
    "**/*.pyi",
    "**/*.dist-info",  # pydantic would search them all for plug-ins
    "**/__pycache__",
    "bin",
    "aws_lambda_powertools/event_handler",
    "aws_lambda_powertools/utilities/[!_jt]*",  # the Logger needs jmespath_utils and typing
    "pydantic/v1",
    "babel/locale-data",  # liquid imports babel, and our templates use none of its filters
    "portrait/**/*.md",  # pages for people
    "pytz/zoneinfo",
)


def main(packages: Path) -> None:
    before = size(packages)
    for pattern in UNUSED:
        for path in list(packages.glob(pattern)):
            remove(path)
    slim_botocore(packages / "botocore" / "data")
    print(f"libraries: {before / 2**20:.1f} MB, of which used {size(packages) / 2**20:.1f} MB")


def slim_botocore(data: Path) -> None:
    """Leave the newest model of each used service, holding the used operations and no prose."""
    for path in data.iterdir():
        if path.name not in OPERATIONS.keys() | SHARED_DATA:
            remove(path)
    prefixes = {slim_service(data / name, used) for name, used in OPERATIONS.items()}
    endpoints = json.loads((data / "endpoints.json").read_text())
    for partition in endpoints["partitions"]:
        partition["services"] = {k: v for k, v in partition["services"].items() if k in prefixes}
    write(data / "endpoints.json", endpoints)


def slim_service(folder: Path, used: set[str]) -> str:
    """Cut one service down to `used` and return its endpoint prefix."""
    *older, newest = sorted(folder.iterdir())
    for version in older:
        remove(version)
    model = read(newest / "service-2.json.gz")
    model["operations"] = {name: model["operations"][name] for name in sorted(used)}
    reachable = set(shapes_of(model["operations"], model["shapes"], set()))
    model["shapes"] = {name: model["shapes"][name] for name in sorted(reachable)}
    rules = read(newest / "endpoint-rule-set-1.json.gz")
    extras = newest / "service-2.sdk-extras.json"
    kept = {"service-2.json": model, "endpoint-rule-set-1.json": rules}
    if extras.exists():
        kept[extras.name] = json.loads(extras.read_text())
    for path in list(newest.iterdir()):
        remove(path)
    for name, content in kept.items():
        write(newest / name, content)
    return str(model["metadata"]["endpointPrefix"])


def shapes_of(node: Any, shapes: dict[str, Any], found: set[str]) -> Iterator[str]:
    """Walk every shape that `node` leads to, directly or through other shapes."""
    if isinstance(node, list):
        for each in node:
            yield from shapes_of(each, shapes, found)
    elif isinstance(node, dict):
        name = node.get("shape")
        if isinstance(name, str) and name not in found:
            found.add(name)
            yield name
            yield from shapes_of(shapes[name], shapes, found)
        for each in node.values():
            yield from shapes_of(each, shapes, found)


def without_prose(node: Any) -> Any:
    """Empty every documentation string; botocore insists that some of them exist."""
    if isinstance(node, list):
        return [without_prose(each) for each in node]
    if isinstance(node, dict):
        return {
            key: "" if key == "documentation" and isinstance(value, str) else without_prose(value)
            for key, value in node.items()
        }
    return node


def read(path: Path) -> Any:
    return json.loads(gzip.decompress(path.read_bytes()))


def write(path: Path, content: Any) -> None:
    path.unlink(missing_ok=True)  # an installer may have linked it to its cache
    path.write_text(json.dumps(without_prose(content), separators=(",", ":")))


def remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
