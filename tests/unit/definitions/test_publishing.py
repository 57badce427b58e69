"""Publishing: versions, keys, and programmes that must hold together before anything is stored."""

import hashlib

import pytest

from portrait import rendering
from portrait.catalogue import Catalogue
from portrait.definitions.problems import DefinitionError
from portrait.definitions.publishing import WriteKeys, plan, publish
from portrait.faults import Conflict
from tests.unit.definitions.programmes import (
    POLICY,
    a_campaign,
    a_segment,
    a_source,
    a_template,
    an_audience,
    drafts,
)

NOW = 1_780_000_000_000
PROGRAMME = (a_campaign(), a_template(), POLICY)


class Store:
    """A definitions table that knows versions."""

    def __init__(self):
        self.current = {}
        self.published = []
        self.replaced = []

    def load_all(self, *, consistent=False):
        return [{**document, "version": version} for document, version in self.current.values()]

    def publish(self, document, *, now, expected_version, before=None):
        name = (document["kind"], document["key"])
        if self.current.get(name, (None, 0))[1] != expected_version:
            raise Conflict(f"{name} was published by somebody else")
        self.current[name] = (document, expected_version + 1)
        self.published.append(name)
        self.replaced.append(before)
        return expected_version + 1


@pytest.fixture
def store():
    return Store()


def keys(given=None):
    made = iter(range(100))
    return WriteKeys(given or {}, lambda: f"generated-key-{next(made):04d}")


def publish_all(store, *raws, given=None):
    """Plan and publish; return (kind, key, status, version) of each change, and the keys made."""
    write_keys = keys(given)
    changes = plan(drafts(*raws), store.load_all(), write_keys, part_check=rendering.check)
    done = list(publish(changes, store, now=NOW))
    return [(*change.name, change.status, change.version) for change in done], write_keys.made


def test_only_what_changed_becomes_a_new_version(store):
    first, _ = publish_all(store, *PROGRAMME, a_segment())
    again, _ = publish_all(store, *PROGRAMME, a_segment())
    changed, _ = publish_all(store, a_campaign(control=0.5), *PROGRAMME[1:], a_segment())

    assert {(status, version) for *_, status, version in first} == {("created", 1)}
    assert {(status, version) for *_, status, version in again} == {("unchanged", 1)}
    assert [change for change in changed if change[2] != "unchanged"] == [
        ("campaign", "thanks", "changed", 2)
    ]
    assert len(store.published) == 5


def test_another_way_of_writing_the_same_changes_nothing(store):
    publish_all(store, a_segment(where={"event": "A", "within": "24h"}))
    again, _ = publish_all(store, a_segment(where={"event": "A", "within": "1d", "at_least": 1}))

    assert again == [("segment", "vip", "unchanged", 1)]


def test_what_others_refer_to_is_published_before_them(store):
    publish_all(store, *PROGRAMME, a_segment(), a_source(type="queue"))

    assert [kind for kind, _ in store.published] == [
        "source", "segment", "template", "policy", "campaign",
    ]  # fmt: skip


def test_documents_that_are_published_already_count_as_there(store):
    publish_all(store, *PROGRAMME)
    changed, _ = publish_all(store, a_campaign(name="Many thanks"))

    assert changed == [("campaign", "thanks", "changed", 2)]


def test_a_change_that_would_break_what_is_published_is_refused(store):
    publish_all(store, a_segment("a"), a_segment("b", {"segment": "a"}))

    with pytest.raises(DefinitionError, match="in a circle: a > b > a"):
        publish_all(store, a_segment("a", {"segment": "b"}))
    assert len(store.published) == 2


def test_somebody_elses_version_is_not_overwritten(store):
    publish_all(store, a_segment())
    changes = plan(
        drafts(a_segment(where={"trait": "x", "exists": True})),
        store.load_all(),
        keys(),
        part_check=rendering.check,
    )
    publish_all(store, a_segment(where={"trait": "y", "exists": True}))

    with pytest.raises(Conflict):
        list(publish(changes, store, now=NOW))


def test_a_source_gets_a_key_once_and_only_its_hash_is_stored(store):
    _, made = publish_all(store, a_source())
    again, made_again = publish_all(store, a_source())

    assert made == {"web": "generated-key-0000"}
    assert made_again == {}
    assert again == [("source", "web", "unchanged", 1)]
    assert "generated-key" not in str(store.current)
    assert opens(store, "generated-key-0000")


def test_the_queue_needs_no_key(store):
    _, made = publish_all(store, a_source("queue", type="queue"))

    assert made == {}


def test_a_key_is_replaced_without_an_outage_and_the_one_before_last_goes(store):
    first, second, third = (f"write-key-number-{n}" for n in (1, 2, 3))
    publish_all(store, a_source(), given={"web": [first]})
    publish_all(store, a_source(), given={"web": [second]})
    assert opens(store, first)
    assert opens(store, second)

    publish_all(store, a_source(), given={"web": [third]})
    same, _ = publish_all(store, a_source(), given={"web": [third]})

    assert [opens(store, key) for key in (first, second, third)] == [False, True, True]
    assert same == [("source", "web", "unchanged", 3)]


def test_keys_that_a_document_lists_are_the_only_ones(store):
    publish_all(store, a_source(), given={"web": ["write-key-number-1"]})
    digest = hashlib.sha256(b"write-key-number-2").hexdigest()
    publish_all(store, a_source(write_keys=[{"sha256": digest, "last4": "er-2"}]))

    assert not opens(store, "write-key-number-1")
    assert opens(store, "write-key-number-2")


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"web": ["short"]}, "--write-key web: expected 16 to 128 ASCII characters"),
        ({"web": ["with:a:colon:inside"]}, "--write-key web: expected 16 to 128 ASCII characters"),
        ({"web": ["with a space inside"]}, "--write-key web: expected 16 to 128 ASCII characters"),
        ({"wbe": ["write-key-number-1"]}, "--write-key wbe: no such source"),
        (
            {"app": ["same-key-for-both"], "web": ["same-key-for-both"]},
            "opens source 'app' already",
        ),
    ],
)
def test_keys_that_cannot_work_are_refused(store, given, problem):
    with pytest.raises(DefinitionError) as refusal:
        publish_all(store, a_source("app"), a_source("web"), given=given)

    assert problem in str(refusal.value)
    assert not any(key in str(refusal.value) for one in given.values() for key in one)
    assert store.published == []


def opens(store, write_key):
    source = Catalogue.compile(store.load_all()).source_by_write_key(write_key)
    return source is not None and source.key == "web"


def test_a_list_that_people_are_in_is_not_changed_for_another(store):
    publish_all(store, a_segment(), an_audience())

    with pytest.raises(DefinitionError) as refusal:
        publish_all(store, an_audience(platform="meta", audience_id="99"))

    assert refusal.value.problems == (
        "vips.yaml: destination: cannot be changed; end this audience (status: ended) "
        "and publish another",
    )
    done, _ = publish_all(store, {**an_audience(), "status": "ended"})
    assert done == [("audience", "vips", "changed", 2)]


def test_an_audience_follows_its_segment(store):
    done, _ = publish_all(store, an_audience(), a_segment())
    assert [kind for kind, *_ in done] == ["segment", "audience"]
