"""Template checks: what is wrong is told before anybody is written to."""

import pytest

from portrait.rendering import check_part

FORBIDDEN = {
    "including": "{% include 'x' %}",
    "rendering": "{% render 'x' %}",
    "unescaping": "{{ customer.first_name | safe }}",
    "decoding": "{{ customer.first_name | base64_decode }}",
    "an unknown variable": "{{ settings.secret }}",
    "the clock of the machine": "{{ today }}",
    "an unknown filter": "{{ 1 | quadruple }}",
    "a broken tag": "{% if %}",
    "an open output": "{{ customer.first_name",
    "a huge range": "{% for i in (1..100000000) reversed %}{% endfor %}",
    "a range as long as the customer says": "{% for i in (1..event.properties.n) %}{% endfor %}",
    "a range in a condition": "{% if (1..99999999) contains 7 %}{% endif %}",
    "a huge template": "x" * 200_001,
}


@pytest.mark.parametrize("source", FORBIDDEN.values(), ids=FORBIDDEN.keys())
def test_what_a_template_may_not_do_is_told_before_anybody_is_written_to(source):
    assert check_part("text", source)


MISPLACED = {
    "a value that begins an address": '<a href="{{ customer.site }}">',
    "a value without quotes": "<p title={{ customer.name }}>",
    "an attribute's name": "<p {{ customer.name }}=1>",
    "an element's name": "<{{ customer.name }}>",
    "a value in a script": "<script>{{ customer.name }}</script>",
    "a script": "<script>1</script>",
    "a value in a style": "<style>p{color:{{ customer.colour }}}</style>",
    "a value in a style attribute": '<p style="color: {{ customer.colour }}">',
    "a handler": '<p onclick="x()">',
    "a refresh": '<meta http-equiv="refresh" content="0;url={{ customer.site }}">',
    "an address behind a condition": '<a href="{% if true %}{{ customer.site }}{% endif %}">',
    "an address that passes url too early": '<a href="{{ customer.site | url | append: "x" }}">',
}


@pytest.mark.parametrize("source", MISPLACED.values(), ids=MISPLACED.keys())
def test_a_value_where_escaping_does_not_help_is_told(source):
    assert check_part("html", source)


@pytest.mark.parametrize(
    ("part", "source"),
    [
        ("html", "<title>{{ customer.name }}</title><textarea>{{ customer.name }}</textarea>"),
        ("html", '<style>p{color:red}</style><a href="{{ unsubscribe_url }}">stop</a>'),
        ("html", '<a href="{{ event.properties.link | url }}" title="{{ customer.name }}">go</a>'),
        ("html", '<a href="https://shop.example/p/{{ event.properties.id | url_encode }}">go</a>'),
        (
            "text",
            "{% for i in event.properties.items %}{{ forloop.index }}{{ i.name }}{% endfor %}",
        ),
        ("text", "{% assign n = customer.orders %}{% if n > 2 %}{{ n }}{% endif %}"),
        ("text", "{% comment %}{{ anything }}{% endcomment %}{% raw %}{{ x }}{% endraw %}"),
        ("body", '{"a": {{ customer.orders | plus: 1 | json }}, "b": {% if true %}1{% endif %} }'),
    ],
)
def test_a_fit_template_has_no_problems(part, source):
    assert check_part(part, source) == []


def test_a_value_in_a_webhook_must_be_written_as_json():
    assert check_part("body", '{"a": "{{ customer.name }}"}')
