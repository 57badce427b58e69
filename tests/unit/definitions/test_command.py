"""The command: what it prints, and the exit code that a script can act on."""

import pytest

from portrait.definitions.__main__ import main
from portrait.store import definitions
from tests.unit.definitions.programmes import POLICY, a_campaign, a_segment, a_source, a_template

PUBLISH = ["publish", "--table", definitions.DefinitionItem.Meta.table_name]


@pytest.fixture
def programme(folder):
    return str(folder(campaign=a_campaign(), template=a_template(), policy=POLICY, web=a_source()))


def test_a_folder_that_fits_passes(programme, capsys):
    assert main(["check", programme]) == 0
    assert capsys.readouterr().out == "4 documents, all fit\n"


def test_the_starters_are_what_is_meant_when_no_folder_is_named(capsys):
    assert main(["check"]) == 0
    assert "documents, all fit" in capsys.readouterr().out


def test_what_is_wrong_is_printed_one_line_each(folder, capsys):
    root = folder(a=a_segment("A"), b={**a_segment("b"), "colour": "red"})

    assert main(["check", str(root)]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert [line.split(":")[0] for line in printed.err.splitlines()] == ["a.yaml", "b.yaml"]


def test_publishing_tells_what_it_did_and_shows_a_new_key_once(programme, table, capsys):
    assert main([*PUBLISH, programme]) == 0
    first = capsys.readouterr().out
    assert main([*PUBLISH, programme, "--set", "policy/default.control=0"]) == 0
    second = capsys.readouterr().out

    assert "source    web                      version 1    created" in first
    (key,) = [line.split()[-1] for line in first.splitlines() if "shown only this once" in line]
    assert "4 created in" in first
    assert "policy    default                  version 2    changed" in second
    assert "3 unchanged, 1 changed in" in second
    assert "shown only this once" not in second
    assert definitions.catalogue(0).source_by_write_key(key).key == "web"
    assert key not in str(table.items)


@pytest.mark.usefixtures("table")
def test_a_key_that_is_given_is_used_and_never_printed(programme, capsys):
    assert main([*PUBLISH, programme, "--write-key", "web=a-key-from-outside"]) == 0

    assert "a-key-from-outside" not in capsys.readouterr().out
    assert definitions.catalogue(0).source_by_write_key("a-key-from-outside").key == "web"


def test_nothing_is_stored_when_something_is_wrong(programme, table, capsys):
    assert main([*PUBLISH, programme, "--set", "campaign/thanks.steps.0.send.template=gone"]) == 1

    assert "there is no template 'gone'; expected one of thanks" in capsys.readouterr().err
    assert table.items == {}


def test_a_table_that_does_not_answer_is_worth_another_try(programme, table, capsys):
    table.break_down()

    assert main([*PUBLISH, programme]) == 3
    assert "try again" in capsys.readouterr().err


def test_schemas_are_written_where_asked(tmp_path, capsys):
    assert main(["schema", "--out", str(tmp_path)]) == 0
    assert len(list(tmp_path.glob("*.schema.json"))) == 9
    assert "campaign.schema.json" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["publish"], ["publish", "--table", "t", "--set", "x"]])
def test_usage_is_explained(arguments, capsys):
    with pytest.raises(SystemExit) as refusal:
        main(arguments)

    assert refusal.value.code == 2
    assert "usage: python -m portrait.definitions" in capsys.readouterr().err
