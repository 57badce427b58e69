"""What can be told of a template before anybody is written to."""

from collections.abc import Iterable, Iterator

from liquid import BoundTemplate, Expression, Node, RenderContext
from liquid.builtin.content import ContentNode
from liquid.builtin.expressions import FilteredExpression
from liquid.builtin.expressions.primitive import IntegerLiteral, RangeLiteral
from liquid.builtin.output import OutputNode

VARIABLES = frozenset(
    {"customer", "event", "campaign", "message_id", "unsubscribe_url", "now", "time_zone"}
    | {"opt_out", "trap_url", "recommended"}
)
MAX_RANGE = 1_000


def unknown_names(template: BoundTemplate) -> Iterator[str]:
    """Name each variable and filter that no rendering will ever know."""
    used = template.analyze(include_partials=False)
    for name in sorted(used.globals.keys() - VARIABLES):
        yield f"there is no variable {name!r}; a template knows {', '.join(sorted(VARIABLES))}"
    for name in sorted(used.filters.keys() - template.env.filters.keys()):
        yield f"there is no filter {name!r}; a template has {', '.join(template.env.filters)}"


def open_ranges(template: BoundTemplate) -> Iterator[str]:
    """Name each range whose length the template does not fix: a reversed one is made whole."""
    for node in _nodes(template):
        for expression in _within(node.expressions()):
            if isinstance(expression, RangeLiteral) and not _is_small(expression):
                yield f"the range {expression} needs two whole numbers of at most {MAX_RANGE}"


def unquoted_values(template: BoundTemplate) -> Iterator[str]:
    """Name each output that is not written as JSON: its value could end the text it stands in."""
    for node in _nodes(template):
        if isinstance(node, OutputNode) and not _ends_in(node.expression, "json"):
            yield f"{node} must end in `| json`, without quotes around it"


def constant_text(template: BoundTemplate) -> str:
    """Return what every rendering writes, whatever is known: the text outside of all tags."""
    return "".join(node.text for node in template.nodes if isinstance(node, ContentNode))


def _nodes(template: BoundTemplate) -> Iterator[Node]:
    context = RenderContext(template)
    waiting = list(template.nodes)
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(node.children(context, include_partials=False))


def _within(expressions: Iterable[Expression]) -> Iterator[Expression]:
    for expression in expressions:
        yield expression
        yield from _within(expression.children())


def _is_small(range_: RangeLiteral) -> bool:
    return all(
        isinstance(bound, IntegerLiteral) and abs(bound.value) <= MAX_RANGE
        for bound in (range_.start, range_.stop)
    )


def _ends_in(expression: Expression, name: str) -> bool:
    filters = expression.filters if isinstance(expression, FilteredExpression) else None
    return filters is not None and [each.name for each in filters][-1:] == [name]
