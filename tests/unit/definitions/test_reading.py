"""Reading folders: YAML as people mean it, and errors that say where."""

import pytest

from portrait.definitions.documents import canonical
from portrait.definitions.problems import DefinitionError
from portrait.definitions.reading import read_folder
from tests.unit.definitions.programmes import a_segment, a_template

NORWAY = """
kind: segment
key: nordic
name: No
where: {trait: country, in: [SE, NO, on, 01234, 2026-01-01, 21:30, 12e1, 7, -0.5, true]}
"""


def read(folder, **changes):
    return {draft.where: canonical(draft.definition) for draft in read_folder(folder, changes)}


def problems_of(folder, changes=None):
    with pytest.raises(DefinitionError) as refusal:
        read_folder(folder, changes)
    return refusal.value.problems


def test_plain_words_are_read_as_they_are_meant(folder):
    (document,) = read(folder(nordic=NORWAY)).values()

    assert document["name"] == "No"
    assert document["where"]["in"] == [
        "SE", "NO", "on", "01234", "2026-01-01", "21:30", 120.0, 7, -0.5, True,
    ]  # fmt: skip


def test_a_file_may_hold_several_documents_and_a_folder_others(folder):
    root = folder(one=NORWAY + "---" + NORWAY.replace("nordic", "other"))
    (root / "deep").mkdir()
    (root / "deep" / "t.json").write_text('{"kind": "policy", "key": "default"}')
    (root / "README.md").write_text("not a document")

    assert list(read(root)) == ["deep/t.json", "one.yaml#1", "one.yaml#2"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("kind: segment\nkind: trait\n", "bad.yaml: line 2, column 1: 'kind' is given twice"),
        ("a: [1,\n", "bad.yaml: line 2, column 1: expected the node content"),
        ("a: !!python/object:os.system x", "bad.yaml: line 1, column 4: could not determine"),
        ("- a", "bad.yaml:1: kind: expected one of"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_line(folder, text, problem):
    (found,) = problems_of(folder(bad=text))

    assert found.startswith(problem)


def test_bytes_that_are_no_text_are_said_to_be_none(folder):
    root = folder(good=NORWAY)
    (root / "latin.yaml").write_bytes("name: Umeå".encode("latin-1"))

    assert problems_of(root)[0].startswith("latin.yaml: expected YAML or JSON in UTF-8")


def test_every_file_that_is_wrong_is_named(folder):
    root = folder(a=a_segment("A"), b=a_segment("b"), c=a_template(text=7))

    assert [problem.split(":")[0] for problem in problems_of(root)] == ["a.yaml", "c.yaml"]


def test_an_empty_folder_is_said_to_be_empty(tmp_path):
    assert problems_of(tmp_path) == (f"{tmp_path}: expected at least one .yaml or .json file",)


def test_a_value_can_be_given_in_place_of_what_a_file_says(folder):
    root = folder(a=a_segment("vip"), b=a_segment("rich", {"all": [{"trait": "x", "at_least": 1}]}))
    changes = {"segment/vip.name": "Guests: of honour", "segment/rich.where.all.0.at_least": "900"}

    documents = read(root, **changes)

    assert documents["a.yaml"]["name"] == "Guests: of honour"
    assert documents["b.yaml"]["where"] == {"all": [{"trait": "x", "at_least": 900}]}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("0.5", 0.5),
        ("[a, b]", ["a", "b"]),
        ("no", "no"),
        ("Guests: of honour", "Guests: of honour"),
        ("- dash", "- dash"),
        ("*", "*"),
        ("'7'", "7"),
    ],
)
def test_a_value_on_the_command_line_is_what_it_looks_like(folder, text, meant):
    root = folder(a=a_segment(where={"trait": "x", "in": [1]}))
    target = "where.in" if isinstance(meant, list) else "where.in.0"

    (document,) = read(root, **{f"segment/vip.{target}": text}).values()

    assert document["where"]["in"] == (meant if isinstance(meant, list) else [meant])


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        ("segment/gone.name", "--set segment/gone.name: no such document in"),
        ("segment/vip.where.all.3.x", "--set segment/vip.where.all.3.x: no such field"),
        ("segment/vip.nme", "a.yaml:1: unknown field 'nme'"),
    ],
)
def test_a_value_for_nothing_is_refused(folder, target, problem):
    (found,) = problems_of(folder(a=a_segment("vip")), {target: "x"})

    assert found.startswith(problem)
