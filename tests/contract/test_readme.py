"""The README names only what exists, and everything that a client must be told."""

import re
import tomllib

from tests.contract.conftest import TEMPLATE
from tests.demo.environments import ROOT

README = (ROOT / "README.md").read_text()
TARGETS = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
FOR_CLIENTS = {"ApiUrl", "EventsQueueUrl", "DefinitionsTableName", "ChannelPrincipals"}
SUFFIXES = r"(?:Url|Arn|Name|Days|Principals|Email|Hosts|Concurrency|Protection|Runtime|Limit)"


def test_every_make_command_exists():
    assert set(re.findall(r"make ([a-z]+(?:-[a-z]+)*)", README)) <= TARGETS


def test_every_parameter_and_output_exists():
    named = set(re.findall(rf"\b((?:[A-Z][a-z]+)+{SUFFIXES})\b", README))
    assert named <= TEMPLATE["Parameters"].keys() | TEMPLATE["Outputs"].keys()


def test_what_a_client_needs_is_named():
    assert {name for name in FOR_CLIENTS if name not in README} == set()


def test_the_pythons_are_those_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["requires-python"] == ">=3.11,<3.14"
    assert "Python 3.11, 3.12 or 3.13" in README
