"""Reading DynamoDB's expressions: tokens, paths and operands, compiled once per text.

What is compiled is called with an item, the request's names and its values.

Source: Amazon DynamoDB Developer Guide, "Using expressions in DynamoDB".
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from tests.faults.aws.refusals import invalid
from tests.faults.aws.values import Item, Value

Names = Mapping[str, str]
Values = Mapping[str, Value]
Operand = Callable[[Item, Names, Values], Value | None]
Path = tuple[str | int, ...]
"""Names as they are written, `#` included, and positions in lists."""

MAX_TEXT_BYTES = 4096
_TOKEN = re.compile(r"\s*([:#]?[A-Za-z0-9_]+|<>|<=|>=|[=<>(),+\-.\[\]])")
_NAME = re.compile(r"#[A-Za-z0-9_]+|[A-Za-z_][A-Za-z0-9_]*")
KEYWORDS = frozenset({"AND", "OR", "NOT", "BETWEEN", "IN", "SET", "REMOVE", "ADD", "DELETE"})


class Reader:
    """The tokens of one expression, and what it refers to.

    Attributes:
        kind: what AWS calls the expression in its errors.
        names, values: the placeholders that have been read.
    """

    def __init__(self, text: str, kind: str) -> None:
        self.kind = kind
        self.names: set[str] = set()
        self.values: set[str] = set()
        self._tokens = self._split(text)
        self._next = 0

    def _split(self, text: str) -> list[str]:
        if not text.strip():
            invalid(f"Invalid {self.kind}: The expression can not be empty;")
        if len(text.encode()) > MAX_TEXT_BYTES:
            invalid(f"Invalid {self.kind}: Expression size has exceeded the maximum allowed size;")
        tokens, at = [], 0
        end = len(text.rstrip())
        while at < end:
            match = _TOKEN.match(text, at)
            if match is None:
                self.fail(text[at:].strip()[:1])
            tokens.append(match[1])
            at = match.end()
        return tokens

    def fail(self, token: str) -> NoReturn:
        invalid(f'Invalid {self.kind}: Syntax error; token: "{token or "<EOF>"}"')

    def peek(self, ahead: int = 0) -> str:
        at = self._next + ahead
        return self._tokens[at] if at < len(self._tokens) else ""

    def word(self) -> str:
        """Return the next token as a keyword, or nothing where it is none."""
        upper = self.peek().upper()
        return upper if upper in KEYWORDS else ""

    def take(self, expected: str = "") -> str:
        token = self.peek()
        if not token or (expected and token.upper() != expected):
            self.fail(token)
        self._next += 1
        return token

    def path(self) -> Path:
        parts: list[str | int] = [self._name()]
        while self.peek() in (".", "["):
            if self.take() == ".":
                parts.append(self._name())
                continue
            index = self.take()
            parts.append(int(index) if index.isdecimal() else self.fail(index))
            self.take("]")
        return tuple(parts)

    def _name(self) -> str:
        name = self.take()
        if not _NAME.fullmatch(name) or name.upper() in KEYWORDS:
            self.fail(name)
        if name.startswith("#"):
            self.names.add(name)
        return name

    def value(self) -> str:
        name = self.take()
        if not name.startswith(":"):
            self.fail(name)
        self.values.add(name)
        return name


def value_at(path: Path) -> Operand:
    """Compile a path to what it finds in an item: a value, or None."""
    if len(path) == 1:
        (name,) = path
        if name.startswith("#"):  # type: ignore[union-attr]  # the first part is a name
            return lambda item, names, values: item.get(names[name])  # type: ignore[index]
        return lambda item, names, values: item.get(name)  # type: ignore[arg-type]

    def find(item: Item, names: Names, values: Values) -> Value | None:
        return find_in(item, resolved(path, names))

    return find


def resolved(path: Path, names: Names) -> Path:
    """Return a path with the attribute names in the place of their placeholders."""
    return tuple(names[p] if isinstance(p, str) and p.startswith("#") else p for p in path)


def find_in(item: Item, path: Path) -> Value | None:
    """Return the value at a resolved path, or None where an item has none."""
    found: Any = {"M": item}
    for part in path:
        inside = found.get("M" if isinstance(part, str) else "L")
        if isinstance(part, str):
            found = None if inside is None else inside.get(part)
        else:
            found = None if inside is None or part >= len(inside) else inside[part]
        if found is None:
            return None
    return found  # type: ignore[no-any-return]


def check_placeholders(request: Mapping[str, Any], *used: Any) -> None:
    """Hold the placeholders that a request defines to those that its expressions use.

    Raises:
        Refused: one is used and not defined, or defined and not used.
    """
    for attribute, field in (("names", "ExpressionAttributeNames"),
                             ("values", "ExpressionAttributeValues")):  # fmt: skip
        defined = (request.get(field) or {}).keys()
        parts = [getattr(each, attribute) for each in used if each is not None]
        if len(parts) == 1 and parts[0] == defined:
            continue
        wanted = frozenset().union(*parts)
        if missing := wanted - defined:
            invalid(f"An expression attribute {attribute[:-1]} used in expression is not defined; "
                    f"attribute {attribute[:-1]}: {min(missing)}")  # fmt: skip
        if unused := defined - wanted:
            invalid(f"Value provided in {field} unused in expressions: keys: {{{min(unused)}}}")
