"""Check, describe and publish definitions: `python -m portrait.definitions --help`."""

import argparse
import secrets
import sys
import time
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from portrait import rendering
from portrait.commands import carried_out
from portrait.definitions.checking import check
from portrait.definitions.publishing import WriteKeys, plan, publish
from portrait.definitions.reading import STARTERS, read_folder
from portrait.definitions.schema import write_schemas

ADVICE = "try again, and if that does not help check --table and the AWS settings"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(arguments)
    return carried_out(partial(options.command, options), advice=ADVICE)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m portrait.definitions", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")
    folder = argparse.ArgumentParser(add_help=False)
    folder.add_argument(
        "folder", nargs="?", type=Path, default=STARTERS, metavar="DIR",
        help="folder of YAML or JSON documents (default: the starters of the product)",
    )  # fmt: skip
    folder.add_argument(
        "--set", type=_assignment, action="append", default=[], metavar="KIND/KEY.FIELD=VALUE",
        help="read this value in place of what the file says; may be repeated",
    )  # fmt: skip
    checking = commands.add_parser("check", parents=[folder], help="say what is wrong in a folder")
    checking.set_defaults(command=_check)
    publishing = commands.add_parser(
        "publish", parents=[folder], help="make the documents in a folder the current ones",
        epilog="Which AWS: AWS_DEFAULT_REGION, AWS_PROFILE and AWS_ENDPOINT_URL, as usual.",
    )  # fmt: skip
    publishing.add_argument("--table", required=True, help="output DefinitionsTableName")
    publishing.add_argument(
        "--write-key", type=_assignment, action="append", default=[], metavar="SOURCE=KEY",
        help="let the source accept this key, and still the one before it; may be repeated",
    )  # fmt: skip
    publishing.set_defaults(command=_publish)
    schema = commands.add_parser("schema", help="write a JSON Schema file for each kind")
    schema.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write to")
    schema.set_defaults(command=_schema)
    return parser


def _assignment(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not (name and sign and value):
        raise argparse.ArgumentTypeError(f"expected NAME=VALUE, got {name!r}")
    return name, value


def _check(options: argparse.Namespace) -> int:
    drafts = read_folder(options.folder, dict(options.set))
    check(drafts, rendering.check)
    print(f"{len(drafts)} documents, all fit")
    return 0


def _schema(options: argparse.Namespace) -> int:
    print(*write_schemas(options.out), sep="\n")
    return 0


def _publish(options: argparse.Namespace) -> int:
    from portrait.store import definitions as store  # an AWS session, which nothing else here needs

    store.use_table(options.table)
    given: dict[str, list[str]] = {}
    for source, key in options.write_key:
        given.setdefault(source, []).append(key)
    keys = WriteKeys(given, lambda: secrets.token_urlsafe(24))
    drafts = read_folder(options.folder, dict(options.set))
    changes = plan(drafts, store.load_all(consistent=True), keys, part_check=rendering.check)
    for change in publish(changes, store, now=time.time_ns() // 1_000_000):
        kind, key = change.name
        print(f"{kind:<9} {key:<24} version {change.version:<4} {change.status}")
        if kind == "source" and key in keys.made:
            print(f"{'':<9} write key, shown only this once: {keys.made[key]}")
    counts = Counter(change.status for change in changes)
    print(", ".join(f"{count} {status}" for status, count in counts.items()), f"in {options.table}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
