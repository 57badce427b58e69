"""Lines: where in its file a field of a document stands."""

from collections.abc import Callable, Iterable, Mapping

import yaml

Line = Callable[[str], int | None]
"""Returns the line of the field at a dotted path, counted from 1; None where it is unknown."""


def nowhere(_: str) -> None:
    """Know no line: the document was not read from a file."""


def line_of(node: yaml.Node, path: str) -> int:
    """Return the line of the field at a dotted path, or of the last part of it that is there."""
    line = node.start_mark.line + 1
    for part in path.split("."):
        found = _inside(node, part)
        if found is None:
            break
        node, line = found
    return line


def _inside(node: yaml.Node, part: str) -> tuple[yaml.Node, int] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == part:
                return value, key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode) and part.isdigit() and int(part) < len(node.value):
        inner = node.value[int(part)]
        return inner, inner.start_mark.line + 1
    return None


def located(problems: Iterable[str], lines: Mapping[str, Line]) -> list[str]:
    """Return the problems, `where: path: what`, with the line behind `where` as far as known."""
    return [_located(problem, lines) for problem in problems]


def _located(problem: str, lines: Mapping[str, Line]) -> str:
    where, separator, rest = problem.partition(": ")
    find = lines.get(where)
    line = find(rest.partition(": ")[0]) if find else None
    return problem if line is None else f"{where}:{line}{separator}{rest}"
