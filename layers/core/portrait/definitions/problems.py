"""What is wrong with documents, one clear line each."""

from collections.abc import Sequence

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from portrait.definitions.parts import is_mark
from portrait.faults import Rejected


class DefinitionError(Rejected):
    """Documents that cannot be accepted.

    Attributes:
        problems: one line per problem, `where: field.path: what was expected`.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("invalid_definition", "; ".join(problems))
        self.problems = tuple(problems)


def describe(error: ValidationError, where: str) -> list[str]:
    """Return one line per error, with the path as the document has it."""
    details = error.errors(include_url=False)
    return [_line(detail, where) for detail in details if not _follows(detail, details)]


def _follows(detail: ErrorDetails, details: Sequence[ErrorDetails]) -> bool:
    """Say whether a list is only too short because pydantic left out what is wrong inside it."""
    path = detail["loc"]
    inside = (other["loc"] for other in details if len(other["loc"]) > len(path))
    return detail["type"] == "too_short" and any(loc[: len(path)] == path for loc in inside)


def _line(detail: ErrorDetails, where: str) -> str:
    path = ".".join(str(step) for step in detail["loc"] if not is_mark(step))
    return ": ".join(part for part in (where, path, _message(detail)) if part)


_PLAIN = {
    "missing": "is required",
    "too_short": "expected at least {min_length}, got {actual_length}",
    "too_long": "expected at most {max_length}, got {actual_length}",
    "string_too_short": "expected at least {min_length} character",
    "string_too_long": "expected at most {max_length} characters",
    "greater_than_equal": "expected at least {ge:g}",
    "less_than_equal": "expected at most {le:g}",
}
_SHOWN = ("Input should be ", "expected ")


def _message(detail: ErrorDetails) -> str:
    kind, text = detail["type"], detail["msg"]
    if kind in _PLAIN:
        text = _PLAIN[kind].format_map(detail.get("ctx", {}))
    elif text.startswith(_SHOWN[0]):
        text = text.replace(*_SHOWN, 1)
    names_value = kind in ("form", "greater_than_equal", "less_than_equal", "literal_error")
    return _with_value(text, detail["input"]) if names_value or kind.endswith("_type") else text


def _with_value(text: str, value: object) -> str:
    if not isinstance(value, str | int | float):
        return text
    shown = repr(value)
    return f"{text}, got {shown if len(shown) <= 60 else shown[:57] + '…'}"
