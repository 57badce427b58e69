"""Functions: the template, the handlers and the settings say the same."""

import ast
import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import msgspec

from portrait.settings import Settings
from tests.demo.environments import ROOT

SETTINGS = {field.encode_name for field in msgspec.structs.fields(Settings)}
FOR_EVERYBODY = {"STAGE"}
IMPORT = """
import sys; from importlib import import_module
import_module(sys.argv[1])
for name, module in list(sys.modules.items()):
    if name.split(".")[0] in ("portrait", "functions"):
        print(getattr(module, "__file__", None) or "")
"""


def folder_of(function):
    return function.removesuffix("Function").lower()


def test_the_handler_is_where_the_template_says(function, properties):
    module, _, attribute = properties["Handler"].rpartition(".")
    handler = getattr(importlib.import_module(module), attribute)

    # The build recipe takes the folder from the logical id.
    assert module == f"functions.{folder_of(function)}.handler"
    assert list(inspect.signature(handler).parameters) == ["event", "context"]


def test_a_function_is_given_the_settings_that_its_code_reads_and_no_others(function, properties):
    given = set(properties["Environment"]["Variables"])
    read = set().union(*map(settings_read_in, modules_of(properties["Handler"])))

    assert given - FOR_EVERYBODY == read


def test_every_variable_is_a_setting(properties):
    assert properties["Environment"]["Variables"].keys() <= SETTINGS


def modules_of(handler):
    """Return the files of ours that the handler imports, in a process of its own."""
    module = handler.rpartition(".")[0]
    search_path = f"{ROOT}:{ROOT / 'layers/core'}"
    done = subprocess.run(
        [sys.executable, "-c", IMPORT, module],
        env={"PYTHONPATH": search_path, "AWS_DEFAULT_REGION": "us-east-1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return [Path(line) for line in done.stdout.splitlines() if line]


def settings_read_in(path):
    """Return the settings that a module reads: `get_settings().x`, or `settings.x`."""
    names = (
        node.attr.upper()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and ast.unparse(node.value) in ("get_settings()", "settings")
    )
    return {name for name in names if name in SETTINGS}


HEAVY = """
import sys; from importlib import import_module
import_module(sys.argv[1])
print(*{name.split(".")[0] for name in sys.modules} & {"pydantic", "liquid", "yaml", "boto3"})
"""


def test_only_who_writes_messages_loads_templates_and_nobody_loads_models(properties):
    done = subprocess.run(
        [sys.executable, "-c", HEAVY, properties["Handler"].rpartition(".")[0]],
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'layers/core'}", "AWS_DEFAULT_REGION": "us-east-1"},
        capture_output=True,
        text=True,
        check=True,
    )
    writes_messages = properties["Handler"] == "functions.dispatch.handler.handler"

    assert set(done.stdout.split()) == ({"liquid"} if writes_messages else set())
