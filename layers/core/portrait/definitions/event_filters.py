"""Filters of events: which of them count, by their properties."""

from typing import Annotated

from pydantic import BeforeValidator, Discriminator, Field, Tag
from typing_extensions import TypeAliasType

from portrait.definitions.fields import PropertyPath
from portrait.definitions.operators import Comparing
from portrait.definitions.parts import Choice, Part


class PropertyTest(Comparing):
    """Compare a property of the event that just happened (of identify: a trait)."""

    property: PropertyPath
    """Dotted path to the property, for example `revenue` or `address.city`; through a list, such as
    `products.sku`, it holds where any of the elements does."""


class AllPass(Part):
    """Every one of the filters passes."""

    all: Annotated[tuple["EventFilter", ...], Field(min_length=1)]
    """The filters."""


class AnyPasses(Part):
    """At least one of the filters passes."""

    any: Annotated[tuple["EventFilter", ...], Field(min_length=1)]
    """The filters."""


class NotPassing(Part):
    """The filter does not pass."""

    not_: Annotated["EventFilter", Field(alias="not")]
    """The filter."""


_filter = Choice("filter", ("all", "any", "not", "property"))

EventFilter = TypeAliasType(
    "EventFilter",
    Annotated[
        Annotated[AllPass, Tag("<all>")]
        | Annotated[AnyPasses, Tag("<any>")]
        | Annotated[NotPassing, Tag("<not>")]
        | Annotated[PropertyTest, Tag("<property>")],
        Discriminator(_filter.tag),
        BeforeValidator(_filter.recognise),
    ],
)

AllPass.model_rebuild()
AnyPasses.model_rebuild()
NotPassing.model_rebuild()
