"""Documents: which kinds there are, reading one, and its canonical form."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from portrait.definitions.audience import Audience
from portrait.definitions.campaign import Campaign
from portrait.definitions.identity import Identity
from portrait.definitions.learning import Learning
from portrait.definitions.policy import Policy
from portrait.definitions.problems import DefinitionError, describe
from portrait.definitions.segment import Segment
from portrait.definitions.source import Source
from portrait.definitions.template import (
    EmailTemplate,
    InboxTemplate,
    PushTemplate,
    SmsTemplate,
    Template,
    WebhookTemplate,
)
from portrait.definitions.trait import Trait

Definition = (
    Source
    | Trait
    | Segment
    | EmailTemplate
    | SmsTemplate
    | PushTemplate
    | WebhookTemplate
    | InboxTemplate
    | Campaign
    | Policy
    | Identity
    | Audience
    | Learning
)

KINDS: Mapping[str, TypeAdapter[Any]] = {
    "source": TypeAdapter(Source),
    "trait": TypeAdapter(Trait),
    "segment": TypeAdapter(Segment),
    "template": TypeAdapter(Template),
    "campaign": TypeAdapter(Campaign),
    "policy": TypeAdapter(Policy),
    "identity": TypeAdapter(Identity),
    "audience": TypeAdapter(Audience),
    "learning": TypeAdapter(Learning),
}

MAX_BYTES = 300_000
"""A document is one DynamoDB item, which may hold 400 KB."""


def parse(raw: object, where: str = "document") -> Definition:
    """Validate one raw document.

    Args:
        where: what the document is called in errors, such as its file.

    Raises:
        DefinitionError: one line per problem: `where: field.path: what was expected`.
    """
    kind = raw.get("kind") if isinstance(raw, Mapping) else None
    if not isinstance(kind, str) or kind not in KINDS:
        kinds = ", ".join(KINDS)
        found = "" if kind is None else f"unknown kind {kind!r}; "
        raise DefinitionError([f"{where}: kind: {found}expected one of {kinds}"])
    try:
        definition: Definition = KINDS[kind].validate_python(raw)
    except ValidationError as error:
        raise DefinitionError(describe(error, where)) from error
    size = len(definition.model_dump_json().encode())
    if size > MAX_BYTES:
        raise DefinitionError([f"{where}: expected at most {MAX_BYTES} bytes, got {size}"])
    return definition


def canonical(definition: Definition) -> dict[str, Any]:
    """Return the document as it is stored: defaults filled in, durations in their largest unit."""
    return definition.model_dump(mode="json", by_alias=True, exclude_none=True)
