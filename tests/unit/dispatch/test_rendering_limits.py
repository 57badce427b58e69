"""What a rendering may cost: every bomb is refused, and none takes the memory first."""

import tracemalloc
from dataclasses import replace

import pytest

from portrait.faults import Rejected
from portrait.rendering import render_email
from tests.unit.dispatch.desks import NOW, WELCOME


def text(source: str, **customer: object) -> str:
    known = {"customer": customer, "event": {}, "now": NOW, "time_zone": "UTC"}
    return render_email(replace(WELCOME, subject="", text=source, html=""), known).text


def again(start: str, step: str) -> str:
    """Return a template that feeds a value to itself sixty times."""
    turn = f"{{% assign x = {step} %}}"
    return f"{{% assign x = {start} %}}{{% for i in (1..60) %}}{turn}{{% endfor %}}{{{{ x }}}}"


BOMBS = {
    "doubling": again("'aaaaaaaa'", "x | append: x"),
    "squaring": again("9", "x | times: x"),
    "replacing": again("'a'", "x | replace: 'a', 'aa'"),
    "replacing nothing": again("'abcdefgh'", "x | replace: '', x"),
    "joining": again("'a,a,a,a'", "x | split: ',' | join: x"),
    "capturing": "{% assign x = 'aaaaaaaa' %}{% for i in (1..60) %}"
    "{% capture x %}{{ x }}{{ x }}{% endcapture %}{% endfor %}",
    "concatenating": again("'a,a' | split: ','", "x | concat: x"),
    "nested loops": "{% for i in (1..1000) %}{% for j in (1..1000) %}x{% endfor %}{% endfor %}",
    "many loops": "{% for i in (1..1000) %}{% endfor %}" * 100,
    "busy silence": "{% for i in (1..1000) %}" + "{% assign a = 1 %}" * 200 + "{% endfor %}",
    "wide date": "{{ now | date: '%900000000d' }}",
    "padded date": "{{ now | date: '%_999999999Y' }}",
    "far date": "{{ 99999999999999999 | date: '%Y' }}",
    "division": "{{ 1 | divided_by: 0 }}",
    "infinity": "{{ '1e400' | round }}",
    "long number": "{{ '" + "9" * 5_000 + "' | plus: 1 }}",
    "output": "{% for i in (1..1000) %}" + "x" * 500 + "{% endfor %}",
    "nesting": "{% if true %}" * 50 + "{% endif %}" * 50,
    "deep path": "{{ customer" + "[customer" * 3_000 + "]" * 3_000 + " }}",
}


@pytest.mark.parametrize("source", BOMBS.values(), ids=BOMBS.keys())
def test_a_bomb_is_refused(source):
    with pytest.raises(Rejected):
        text(source)


@pytest.mark.parametrize(
    "source",
    [
        "{{ customer.name | replace: 'a', customer.name }}",
        "{{ customer.name | split: '' | join: customer.name }}",
        "{{ customer.list | join: customer.name }}",
    ],
)
def test_a_bomb_in_one_step_never_takes_the_memory(source):
    customer: dict[str, object] = {"name": "a" * 30_000, "list": ["a"] * 500}
    tracemalloc.start()
    try:
        with pytest.raises(Rejected):
            text(source, **customer)
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()
