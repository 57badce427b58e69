"""Learning: what the models may know of customers, and for how long they foretell."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from portrait.definitions.event_filters import EventFilter
from portrait.definitions.fields import Duration, EventName, Key, PropertyPath
from portrait.definitions.parts import Part
from portrait.durations import canonical, milliseconds
from portrait.metrics import DAY_MS

AUTO = "auto"
LEAST_HORIZON, MOST_HORIZON = 7, 365
LEAST_LOOKBACK, MOST_LOOKBACK = 60, 730


def _days(duration: str, least: int, most: int) -> str:
    length = milliseconds(duration)
    if length % DAY_MS or not least <= length // DAY_MS <= most:
        raise PydanticCustomError(
            "days", "expected whole days from {least}d to {most}d", {"least": least, "most": most}
        )
    return duration


def _horizon(text: str) -> str:
    if text == AUTO:
        return text
    try:
        text = canonical(text)
    except ValueError as error:
        raise PydanticCustomError("form", "expected auto, or days such as 90d") from error
    return _days(text, LEAST_HORIZON, MOST_HORIZON)


def _lookback(text: str) -> str:
    return _days(text, LEAST_LOOKBACK, MOST_LOOKBACK)


class Act(Part):
    """Events of one name, all of them or those that pass a filter."""

    event: EventName
    """The event, as traits and campaigns name it."""
    where: EventFilter | None = None
    """Which of the events count; not given, all."""


class Returned(Act):
    """Events that take back a purchase."""

    amount: PropertyPath | None = None
    """The property that says what it was worth, above 0; not given counts how often alone. An event
    without the property counts for nothing."""


class Purchase(Act):
    """Events that are a purchase, and where in them it is told what was bought."""

    amount: PropertyPath = "revenue"
    """The property that says what it was worth. An event without it counts for nothing."""
    items: PropertyPath | None = None
    """The property that names what was bought, such as `products.product_id`, which leads through
    the list; not given, no features and no recommendations are made of it."""
    categories: PropertyPath | None = None
    """The property that names the categories of what was bought."""


Acts = Annotated[tuple[Act, ...], Field(max_length=10)]


class Learning(Part):
    """What the models learn from. What it names is counted from when it is published on; earlier
    events are counted by the backfill command, `python -m portrait.backfill learning`."""

    kind: Literal["learning"]
    """Which kind of document this is."""
    key: Literal["default"]
    """There is one."""
    models: Annotated[
        tuple[Literal["churn", "value", "taste", "response"], ...], Field(min_length=1)
    ] = ("churn", "value", "taste", "response")
    """Which models are trained and score: churn gives the score `churn`; value gives `value_90`,
    `orders_90`, `value_365`, `orders_365` and `next_order` (days); response gives `response` and
    `uplift`."""
    purchase: Purchase
    """What a purchase is."""
    returns: Annotated[tuple[Returned, ...], Field(max_length=10)] = ()
    """What came back, or was cancelled."""
    services: Acts = ()
    """What tells that somebody had to ask for help."""
    engagement: Annotated[dict[Key, Acts], Field(max_length=10, default_factory=dict)]
    """By channel, what people do there of their own accord. What machines opened or clicked has
    other names, and counts for nothing unless it is named."""
    horizon: Annotated[
        str,
        AfterValidator(_horizon),
        WithJsonSchema({"type": "string", "pattern": "^(auto|[1-9][0-9]{0,5}[mhd])$"}),
    ] = AUTO
    """For how long churn is foretold, such as 90d; auto takes it from how often customers buy."""
    lookback: Annotated[Duration, AfterValidator(_lookback)] = "365d"
    """How far back the behaviour of a customer is looked at. Days are kept for twice as long."""

    @model_validator(mode="after")
    def _purchases_are_no_returns(self) -> Self:
        bought = (self.purchase.event, self.purchase.where)
        for number, one in enumerate(self.returns):
            if (one.event, one.where) == bought:
                what = f"returns.{number}.event: {one.event!r} is what a purchase is already"
                raise PydanticCustomError("returns", "{what}", {"what": what})
        return self
