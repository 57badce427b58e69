"""The base of every part of a document, and choices between parts whose errors name the choices."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError


class Part(BaseModel):
    """A mapping in a document: unknown fields are refused by name."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    @model_validator(mode="before")
    @classmethod
    def _known_fields(cls, data: Any) -> Any:
        expected = [field.alias or name for name, field in cls.model_fields.items()]
        if not isinstance(data, Mapping):
            raise PydanticCustomError(
                "mapping", "expected a mapping with {fields}", {"fields": ", ".join(expected)}
            )
        unknown = [str(name) for name in data if name not in expected]
        if unknown:
            raise PydanticCustomError(
                "unknown_field",
                "unknown field '{unknown}'; expected one of {fields}",
                {"unknown": "', '".join(unknown), "fields": ", ".join(expected)},
            )
        return data


class Choice:
    """One of several parts; which one it is shows in the raw mapping.

    Args:
        title: what the value is, for the error: `unknown {title} 'x'; expected one of …`.
        names: the parts by name, in the order in which an error lists them.
        field: the field whose value names the part; None when its own key names it.
    """

    def __init__(self, title: str, names: tuple[str, ...], *, field: str | None = None) -> None:
        self._context = {"title": title, "names": ", ".join(names)}
        self._names = names
        self._field = field

    def recognise(self, value: Any) -> Any:
        """Return `value`, or say which parts there are."""
        found = self._found(value) if isinstance(value, Mapping) else []
        context = {**self._context, "found": "' and '".join(map(str, found))}
        if not found:
            raise PydanticCustomError(
                "choice", "expected a {title}: a mapping with one of {names}", context
            )
        if len(found) > 1:
            raise PydanticCustomError(
                "choice",
                "expected one {title}, found '{found}'; join them with all or any",
                context,
            )
        if found[0] not in self._names:
            raise PydanticCustomError(
                "choice", "unknown {title} '{found}'; expected one of {names}", context
            )
        return value

    def tag(self, value: Any) -> str:
        """Return the tag of the part that `value`, raw and recognised or a model, is."""
        if isinstance(value, BaseModel):
            value = value.model_dump(by_alias=True, exclude_none=True)
        return mark(self._found(value)[0])

    def _found(self, value: Mapping[str, Any]) -> list[Any]:
        if self._field is not None:
            return [value[self._field]] if self._field in value else []
        return [name for name in self._names if name in value] or list(value)[:1]


def mark(name: str) -> str:
    """Return the tag of a part: pydantic adds it to an error's path, where no document has it."""
    return f"<{name}>"


def is_mark(step: int | str) -> bool:
    """Say whether a step of an error's path is a tag rather than a field."""
    return isinstance(step, str) and step.startswith("<") and step.endswith(">")
