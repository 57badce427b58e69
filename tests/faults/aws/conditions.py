"""Condition, filter and key condition expressions, compiled once per text."""

from functools import lru_cache
from typing import NamedTuple

from tests.faults.aws.comparisons import (
    Test,
    both,
    comparison,
    either,
    equal,
    function,
    ordered,
    size,
)
from tests.faults.aws.expressions import Operand, Path, Reader, value_at
from tests.faults.aws.refusals import invalid

_FUNCTIONS = {
    "attribute_exists": 1,
    "attribute_not_exists": 1,
    "attribute_type": 2,
    "begins_with": 2,
    "contains": 2,
}
MAX_IN = 100


class Term(NamedTuple):
    """One comparison, as far as a key condition may use it."""

    operator: str
    path: Path | None
    values: tuple[str, ...]


class Condition(NamedTuple):
    """A compiled expression: `holds` tells whether an item (empty where nothing lies) fulfils it.

    Attributes:
        only_and: whether nothing but AND joins its terms.
    """

    holds: Test
    names: frozenset[str]
    values: frozenset[str]
    terms: tuple[Term, ...]
    only_and: bool


@lru_cache(maxsize=4096)
def condition(text: str, kind: str = "ConditionExpression") -> Condition:
    """Compile an expression.

    Raises:
        Refused: it is malformed.
    """
    parser = _Parser(text, kind)
    holds = parser.either()
    if parser.peek():
        parser.fail(parser.peek())
    return Condition(
        holds,
        frozenset(parser.names),
        frozenset(parser.values),
        tuple(parser.terms),
        parser.only_and,
    )


class _Parser(Reader):
    def __init__(self, text: str, kind: str) -> None:
        super().__init__(text, kind)
        self.terms: list[Term] = []
        self.only_and = True

    def either(self) -> Test:
        left = self._both()
        while self.word() == "OR":
            self.take()
            self.only_and = False
            left = either(left, self._both())
        return left

    def _both(self) -> Test:
        left = self._negated()
        while self.word() == "AND":
            self.take()
            left = both(left, self._negated())
        return left

    def _negated(self) -> Test:
        if self.word() != "NOT":
            return self._single()
        self.take()
        self.only_and = False
        inner = self._negated()
        return lambda item, names, values: not inner(item, names, values)

    def _single(self) -> Test:
        if self.peek() == "(":
            self.take()
            inner = self.either()
            self.take(")")
            return inner
        if self.peek(1) == "(" and self.peek() != "size":
            return self._function()
        left, path, _ = self._operand()
        if self.word() == "BETWEEN":
            return self._between(left, path)
        if self.word() == "IN":
            return self._among(left)
        compare = self.take()
        right, other, value = self._operand()
        if path is not None and path == other:
            invalid(f"Invalid {self.kind}: The first operand must be distinct from the remaining "
                    f"operands for this operator or function; operator: {compare}")  # fmt: skip
        self.terms.append(Term(compare, path, (value,) if value else ()))
        return comparison(compare, left, right) or self.fail(compare)

    def _operand(self) -> tuple[Operand, Path | None, str]:
        if self.peek().startswith(":"):
            name = self.value()
            return (lambda item, names, values: values[name]), None, name
        if self.peek() == "size" and self.peek(1) == "(":
            self.take()
            self.take("(")
            inner = value_at(self.path())
            self.take(")")
            return size(inner), None, ""
        path = self.path()
        return value_at(path), path, ""

    def _between(self, left: Operand, path: Path | None) -> Test:
        self.take()
        low, _, first = self._operand()
        self.take("AND")
        high, _, last = self._operand()
        self.terms.append(Term("BETWEEN", path, (first, last)))
        at_least, at_most = ordered(">=", left, low), ordered("<=", left, high)
        return both(at_least, at_most)

    def _among(self, left: Operand) -> Test:
        self.take()
        self.take("(")
        members = [self._operand()[0]]
        while self.peek() == ",":
            self.take()
            members.append(self._operand()[0])
        self.take(")")
        if len(members) > MAX_IN:
            invalid(f"Invalid {self.kind}: The IN operator takes at most {MAX_IN} operands")
        self.terms.append(Term("IN", None, ()))
        tests = [equal(left, member) for member in members]
        return lambda item, names, values: any(test(item, names, values) for test in tests)

    def _function(self) -> Test:
        name = self.take()
        if name not in _FUNCTIONS:
            invalid(f"Invalid {self.kind}: Invalid function name; function: {name}")
        self.take("(")
        path = self.path()
        subject, other, value = value_at(path), None, ""
        if _FUNCTIONS[name] == 2:
            self.take(",")
            other, _, value = self._operand()
        self.take(")")
        self.terms.append(Term(name, path, (value,)))
        return function(name, subject, other)
