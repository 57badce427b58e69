"""What the fields of documents are made of, each with the sentence that says what it expects."""

import math
import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    Strict,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from portrait import durations

CALLS = ("$identify", "$page", "$screen", "$group", "$alias")
"""How documents name the calls that are not tracked events."""

_DURATION = "[1-9][0-9]{0,5}[mhd]"


@dataclass(frozen=True)
class Form:
    """Text of one form, refused with what was expected rather than with the pattern."""

    pattern: str
    expected: str

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {**handler(schema), "pattern": f"^({self.pattern})$"}

    def _check(self, text: str) -> str:
        if not re.fullmatch(self.pattern, text):
            raise PydanticCustomError("form", "expected {expected}", {"expected": self.expected})
        return text


def _duration(text: str) -> str:
    try:
        return durations.canonical(text)
    except ValueError as error:
        raise PydanticCustomError("form", "{message}", {"message": str(error)}) from error


def _offset(text: str) -> str:
    if text in ("0m", "0h", "0d"):
        return "0d"
    ahead = text.removeprefix("-")
    return ("-" if ahead != text else "") + _duration(ahead)


def _window(text: str) -> str:
    return text if text == "ever" else _duration(text)


def time_zone(name: str) -> str:
    """Return the name of a zone that exists, or refuse it."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise PydanticCustomError(
            "time_zone", "expected an IANA time zone such as Europe/Stockholm"
        ) from error
    return name


def _event_name(name: str) -> str:
    if name != name.strip() or not 0 < len(name) <= 128:
        raise PydanticCustomError("event", "expected an event's name, 1 to 128 characters")
    if name.startswith("$") and name not in CALLS:
        raise PydanticCustomError(
            "event", "expected a tracked event or one of {calls}", {"calls": ", ".join(CALLS)}
        )
    return name


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise PydanticCustomError("number", "expected a number")
    return value


def _positive(value: Any) -> Any:
    if _number(value) <= 0:
        raise PydanticCustomError("number", "expected a number above 0")
    return value


def _scalar(value: Any) -> Any:
    if value is None:
        raise PydanticCustomError("scalar", "nothing equals null; ask with `exists: false`")
    if isinstance(value, str | bool):
        return value
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise PydanticCustomError("scalar", "expected a text, a number or a boolean")
    return value


Key = Annotated[
    str, Form("[a-z][a-z0-9_-]{0,63}", "a letter and up to 63 of lower-case letters, digits, _ -")
]
PropertyPath = Annotated[
    str, Form(r"[^.\s][^.]{0,63}(\.[^.]{1,64}){0,7}", "a dotted path such as address.city")
]
Clock = Annotated[str, Form("([01][0-9]|2[0-3]):[0-5][0-9]", "a time of day such as 21:30")]
Origin = Annotated[str, Form("https?://[^/?#]+", "an origin such as https://shop.example")]
Duration = Annotated[
    str, AfterValidator(_duration), WithJsonSchema({"type": "string", "pattern": f"^{_DURATION}$"})
]
Offset = Annotated[
    str,
    AfterValidator(_offset),
    WithJsonSchema({"type": "string", "pattern": f"^(0[mhd]|-?{_DURATION})$"}),
]
Window = Annotated[
    str,
    AfterValidator(_window),
    WithJsonSchema({"type": "string", "pattern": f"^({_DURATION}|ever)$"}),
]
EventName = Annotated[
    str,
    AfterValidator(_event_name),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 128}),
]
Number = Annotated[Any, AfterValidator(_number), WithJsonSchema({"type": "number"})]
PositiveNumber = Annotated[
    Any, AfterValidator(_positive), WithJsonSchema({"type": "number", "exclusiveMinimum": 0})
]
Scalar = Annotated[
    Any, AfterValidator(_scalar), WithJsonSchema({"type": ["string", "number", "boolean"]})
]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
TimeZone = Annotated[str, AfterValidator(time_zone)]
Flag = Annotated[bool, Strict()]
Whole = Annotated[int, Strict()]
Share = Annotated[float, Strict(), Field(ge=0, le=1)]
Line = Annotated[str, Form(r"[^\r\n]{1,200}", "one line of 1 to 200 characters")]
