"""Reading documents from a folder of YAML and JSON files."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from portrait.definitions.documents import Definition, parse
from portrait.definitions.lines import Line, line_of, located, nowhere
from portrait.definitions.problems import DefinitionError

STARTERS = Path(__file__).parent / "starters"
_SUFFIXES = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class Draft:
    """A document that is valid by itself, and where it was read; `line` finds a field of it."""

    where: str
    definition: Definition
    line: Line = nowhere


def read_folder(folder: Path, changes: Mapping[str, str] | None = None) -> list[Draft]:
    """Read and validate every document below `folder`; a file may hold several (`---`).

    Args:
        folder: or a single file.
        changes: values to read in place of what a file says, as `kind/key.path` to YAML text.

    Raises:
        DefinitionError: naming file and field of everything that is wrong, not just the first.
    """
    drafts: list[Draft] = []
    problems: list[str] = []
    pending = dict(changes or {})
    for where, raw, line in _raw_documents(folder, problems):
        try:
            _apply(raw, pending)
            drafts.append(Draft(where, parse(raw, where), line))
        except DefinitionError as error:
            problems += located(error.problems, {where: line})
    problems += [f"--set {target}: no such document in {folder}" for target in pending]
    if not drafts and not problems:
        problems.append(f"{folder}: expected at least one .yaml or .json file")
    if problems:
        raise DefinitionError(problems)
    return drafts


def _raw_documents(folder: Path, problems: list[str]) -> Iterator[tuple[str, Any, Line]]:
    root = folder.parent if folder.is_file() else folder
    for path in [folder] if folder.is_file() else sorted(folder.rglob("*")):
        if path.suffix not in _SUFFIXES:
            continue
        where = path.relative_to(root).as_posix()
        try:
            with path.open(encoding="utf-8") as stream:
                found = [one for one in _documents(_Loader(stream)) if one[0] is not None]
        except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
            problems.append(f"{where}: {_syntax(error)}")
            continue
        for number, (raw, line) in enumerate(found, 1):
            yield (where if len(found) == 1 else f"{where}#{number}"), raw, line


def _documents(loader: "_Loader") -> Iterator[tuple[Any, Line]]:
    while loader.check_node():
        node: yaml.Node = loader.get_node()  # type: ignore[assignment]  # there is one
        yield loader.construct_document(node), partial(line_of, node)


def _apply(raw: Any, changes: dict[str, str]) -> None:
    """Overwrite what the changes for this document name, and take them off the list."""
    if not isinstance(raw, dict):
        return
    prefix = f"{raw.get('kind')}/{raw.get('key')}."
    for target in [target for target in changes if target.startswith(prefix)]:
        part: Any = raw
        *path, last = target.removeprefix(prefix).split(".")
        try:
            for step in path:
                part = part[int(step) if isinstance(part, list) else step]
            part[int(last) if isinstance(part, list) else last] = _value(changes[target])
        except (KeyError, IndexError, TypeError, ValueError):
            raise DefinitionError([f"--set {target}: no such field"]) from None
        finally:
            del changes[target]


def _value(text: str) -> Any:
    """Return what the text says in YAML, or the text where only brackets could make it a list."""
    try:
        value = yaml.load(text, _Loader)
    except yaml.YAMLError:
        return text
    return text if isinstance(value, dict | list) and text[0] not in "[{" else value


def _syntax(error: Exception) -> str:
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return f"expected YAML or JSON in UTF-8: {error}".splitlines()[0]
    mark = error.problem_mark
    return f"line {mark.line + 1}, column {mark.column + 1}: {error.problem}"


class _Loader(yaml.SafeLoader):
    """YAML whose plain words are read as version 1.2 does, which is how people mean them.

    In PyYAML's 1.1, `no` is false (Norway), `21:30` is 1290, 0123 is octal and a date is no text.
    A key that is given twice is refused.
    """

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: list[Any] = []
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"'{key}' is given twice", problem_mark=key_node.start_mark
                )
            seen.append(key)
        return super().construct_mapping(node, deep)


_PLAIN_WORDS = (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", ["t", "T", "f", "F"]),
    ("int", r"-?(0|[1-9][0-9]*)", [*"-0123456789"]),
    ("float", r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?", [*"-0123456789"]),
)
for _tag, _pattern, _first in _PLAIN_WORDS:
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), _first
    )
