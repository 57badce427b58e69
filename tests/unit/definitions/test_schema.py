"""JSON Schema: editors accept what the product accepts, and say what each field is."""

import json

import jsonschema
import pytest

from portrait.definitions.documents import KINDS, canonical
from portrait.definitions.reading import STARTERS, read_folder
from portrait.definitions.schema import schema, write_schemas
from tests.unit.definitions.programmes import a_campaign, a_segment, a_source, a_template, a_trait

STORED = [canonical(draft.definition) for draft in read_folder(STARTERS)]


def accepts(raw):
    return jsonschema.Draft202012Validator(schema(raw["kind"])).is_valid(raw)


@pytest.mark.parametrize("kind", KINDS)
def test_each_schema_is_one(kind):
    jsonschema.Draft202012Validator.check_schema(schema(kind))


@pytest.mark.parametrize("raw", STORED, ids=lambda raw: f"{raw['kind']}-{raw['key']}")
def test_the_starters_fit(raw):
    assert accepts(raw)


@pytest.mark.parametrize(
    "raw",
    [
        a_campaign(),
        a_campaign(entry={"event": ["A", "$page"], "where": {"all": [{"segment": "vip"}]}}),
        a_segment(where={"trait": "x", "in": ["a", 1, True]}),
        a_source(allowed_origins=["https://shop.example"]),
        a_trait(operation="unique_list", property="products.sku", limit=20, window="1095d"),
        a_trait(window="30d", calendar="local", time_zone="Europe/Stockholm"),
        a_trait(where={"any": [{"not": {"property": "a.b", "equals": 1}}]}),
        a_segment(where={"event": "A", "where": {"property": "x", "at_least": 2}}),
    ],
)
def test_what_authors_write_fits(raw):
    assert accepts(raw)


@pytest.mark.parametrize(
    "raw",
    [
        a_campaign(entry={"event": "A", "where": {"traits": "x"}}),
        a_campaign(entry={"event": "A", "where": {"all": [{"not": {"segment": "VIP"}}]}}),
        a_campaign(control=2),
        a_campaign(steps=[]),
        a_template(channel="fax"),
        a_template(body="{}"),
        a_trait(window="3w"),
        a_trait(operation="median"),
        a_trait(where={"trait": "x", "equals": 1}),
        a_trait(calendar="solar"),
        a_trait(limit=0),
        a_source(type="till"),
    ],
)
def test_what_the_product_refuses_does_not_fit(raw):
    assert not accepts(raw)


def fields(node):
    """Yield every field of every model of a schema, with its name."""
    if isinstance(node, dict):
        yield from node.get("properties", {}).items()
        for inner in node.values():
            yield from fields(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from fields(inner)


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_says_what_it_is(kind):
    found = [(name, field) for name, field in fields(schema(kind)) if isinstance(field, dict)]

    assert found
    assert [name for name, field in found if "description" not in field] == []


def test_schemas_are_written_one_file_each(tmp_path):
    paths = write_schemas(tmp_path / "schemas")

    assert [path.name for path in paths] == [f"{kind}.schema.json" for kind in KINDS]
    assert json.loads(paths[0].read_text("utf-8")) == schema("source")
