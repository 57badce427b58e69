"""Publishing: what differs from what is stored becomes the next version."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

from portrait.definitions.checking import PartCheck, check
from portrait.definitions.documents import canonical, parse
from portrait.definitions.problems import DefinitionError
from portrait.definitions.reading import Draft
from portrait.definitions.write_keys import with_write_keys

Status = Literal["created", "changed", "unchanged"]
Document = Mapping[str, Any]
Name = tuple[str, str]
"""Kind and key."""

_STORED = ("version", "published_at")
"""What the store adds to a document."""

_ORDER = (
    "source", "identity", "trait", "learning", "segment", "audience", "template", "policy",
    "campaign",
)  # fmt: skip
"""What others refer to goes first, so that no reader finds a campaign without its template."""


class Store(Protocol):
    """Where documents are published."""

    def load_all(self, *, consistent: bool = False) -> list[dict[str, Any]]:
        """Return every current document, each with its version."""

    def publish(
        self,
        document: Document,
        *,
        now: int,
        expected_version: int,
        before: Document | None = None,
    ) -> int:
        """Store the next version, or raise Conflict or Unavailable."""


@dataclass(frozen=True, slots=True)
class Change:
    """What publishing does to one document; `version` is the one that is current after it.

    `before` is the campaign that it replaces.
    """

    document: Document
    status: Status
    version: int
    before: Document | None = None

    @property
    def name(self) -> Name:
        """Kind and key."""
        return self.document["kind"], self.document["key"]


@dataclass(frozen=True, slots=True)
class WriteKeys:
    """Keys that sources accept from now on: given by source key, and how to make others."""

    given: Mapping[str, Sequence[str]]
    generate: Callable[[], str]
    made: dict[str, str] = field(default_factory=dict)
    """By source key, the keys that were made: the only time they can be seen."""


def plan(
    drafts: Sequence[Draft],
    published: Sequence[Document],
    keys: WriteKeys,
    *,
    part_check: PartCheck,
) -> list[Change]:
    """Return what publishing the drafts would do, in the order in which it is to be done.

    Documents that are published and not among the drafts stay as they are.

    Raises:
        DefinitionError: the programme that would result does not hold together.
    """
    before = {(document["kind"], document["key"]): document for document in published}
    keyed = [_keyed(draft, before, keys) for draft in drafts]
    names = {_name(canonical(draft.definition)) for draft in keyed}
    staying = [_published(before[name]) for name in before.keys() - names]
    _known_sources(keys, keyed)
    check([*keyed, *staying], part_check)
    _strengths_stay([canonical(draft.definition) for draft in keyed], before)
    _destinations_stay(keyed, before)
    changes = [_change(canonical(draft.definition), before) for draft in keyed]
    return sorted(changes, key=lambda change: (_ORDER.index(change.name[0]), change.name[1]))


def publish(changes: Sequence[Change], store: Store, *, now: int) -> Iterator[Change]:
    """Store what is new or changed, at `now` (UTC ms), and yield each change once it stands.

    After a fault it is safe to plan and publish again.

    Raises:
        Conflict: somebody else published since the plan was made.
        Unavailable: the store did not answer.
    """
    for change in changes:
        if change.status != "unchanged":
            store.publish(
                change.document,
                now=now,
                expected_version=change.version - 1,
                before=change.before,
            )
        yield change


def _keyed(draft: Draft, before: Mapping[Name, Document], keys: WriteKeys) -> Draft:
    document = canonical(draft.definition)
    if document["kind"] != "source":
        return draft
    name = _name(document)
    given = keys.given.get(name[1], ())
    source, made = with_write_keys(document, before.get(name), given=given, generate=keys.generate)
    if made:
        keys.made[name[1]] = made
    return replace(draft, definition=parse(source, draft.where))


def _published(document: Document) -> Draft:
    where = f"published {document['kind']}/{document['key']}"
    return Draft(where, parse(_without_version(document), where))


def _change(document: Document, before: Mapping[Name, Document]) -> Change:
    known = before.get(_name(document))
    if known is None:
        return Change(document, "created", 1)
    if _without_version(known) == document:
        return Change(document, "unchanged", known["version"])
    before_it = known if document["kind"] == "campaign" else None
    return Change(document, "changed", known["version"] + 1, before_it)


def _known_sources(keys: WriteKeys, drafts: Sequence[Draft]) -> None:
    names = {_name(canonical(draft.definition)) for draft in drafts}
    unknown = sorted(key for key in keys.given if ("source", key) not in names)
    if unknown:
        raise DefinitionError([f"--write-key {key}: no such source" for key in unknown])


def _strengths_stay(documents: Sequence[Document], before: Mapping[Name, Document]) -> None:
    """Refuse to move identifiers to other keys, where nothing of what is known would be found."""
    for document in documents:
        known = before.get(_name(document), {}) if document["kind"] == "identity" else {}
        changed = sorted(
            name
            for name, one in document.get("namespaces", {}).items()
            if name in known.get("namespaces", {})
            and one.get("strength") != known["namespaces"][name].get("strength")
        )
        if changed:
            raise DefinitionError(
                [f"identity: namespaces.{name}.strength: cannot be changed" for name in changed]
            )


def _destinations_stay(drafts: Sequence[Draft], before: Mapping[Name, Document]) -> None:
    """Refuse to leave people in a list that nobody would take them out of any more."""
    for draft in drafts:
        document = canonical(draft.definition)
        known = before.get(_name(document), document)
        if known.get("destination") != document.get("destination"):
            raise DefinitionError(
                [
                    f"{draft.where}: destination: cannot be changed; end this audience "
                    "(status: ended) and publish another"
                ]
            )


def _name(document: Document) -> Name:
    return document["kind"], document["key"]


def _without_version(document: Document) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in _STORED}
