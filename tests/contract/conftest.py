"""The template, read once for all contract tests."""

from typing import Any

import pytest

from tests.demo.template import functions, load

TEMPLATE = load()
FUNCTIONS = functions(TEMPLATE)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that takes a `function` once for each function of the template."""
    if "function" in metafunc.fixturenames:
        metafunc.parametrize("function", sorted(FUNCTIONS))


@pytest.fixture
def template() -> dict[str, Any]:
    return TEMPLATE


@pytest.fixture
def properties(function: str) -> dict[str, Any]:
    """What the template says of one function, with what Globals says of all."""
    return FUNCTIONS[function]
