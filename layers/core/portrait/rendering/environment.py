"""Liquid as templates get it: strict, without files, and with a budget for each rendering."""

from typing import Any

from liquid import BoundTemplate, Environment, FalsyStrictUndefined, RenderContext
from liquid.builtin import content, illegal, output
from liquid.builtin.tags import (
    assign_tag,
    capture_tag,
    case_tag,
    comment_tag,
    for_tag,
    if_tag,
    inline_comment_tag,
    unless_tag,
)
from liquid.exceptions import LoopIterationLimitError, ResourceLimitError

from portrait.rendering.filters import FILTERS

MAX_STEPS = 50_000
"""Look-ups, filters, assignments and turns of loops in one rendering: well under a second."""

MAX_TURNS = 5_000
MAX_LOCALS_BYTES = 256_000

_TAGS = (
    content.Literal,
    output.Output,
    illegal.Illegal,
    if_tag.IfTag,
    unless_tag.UnlessTag,
    case_tag.CaseTag,
    for_tag.ForTag,
    for_tag.BreakTag,
    for_tag.ContinueTag,
    assign_tag.AssignTag,
    capture_tag.CaptureTag,
    comment_tag.CommentTag,
    inline_comment_tag.InlineCommentTag,
)


class BudgetedContext(RenderContext):
    """A rendering that stops when it has done too much."""

    __slots__ = ("_steps",)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._steps = MAX_STEPS

    def _spend(self, steps: int = 1) -> None:
        self._steps -= steps
        if self._steps < 0:
            raise ResourceLimitError("the template does too much work", token=None)

    def get(self, path: list[object], **options: Any) -> object:
        self._spend()
        return super().get(path, **options)

    def filter(self, name: str, token: Any) -> Any:
        self._spend()
        return super().filter(name, token)

    def assign(self, key: str, val: Any) -> None:
        self._spend()
        super().assign(key, val)

    def raise_for_loop_limit(self, length: int = 1) -> None:
        # The library multiplies the loops that are open; this also adds up those that follow.
        if length > MAX_TURNS:
            raise LoopIterationLimitError("the loop is too long", token=None)
        self._spend(length)
        super().raise_for_loop_limit(length)


class _Template(BoundTemplate):
    context_class = BudgetedContext


class BoundedEnvironment(Environment):
    """Where templates are parsed: chosen tags and filters only, at most `limit` bytes written."""

    block_nesting_limit = 10
    context_depth_limit = 15
    loop_iteration_limit = MAX_TURNS
    local_namespace_limit = MAX_LOCALS_BYTES
    template_class = _Template

    def __init__(self, limit: int, *, autoescape: bool) -> None:
        super().__init__(undefined=FalsyStrictUndefined, autoescape=autoescape)
        self.output_stream_limit = limit  # type: ignore[misc]  # read from the instance

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        """Register what is chosen here instead of everything the library has."""
        for tag in _TAGS:
            self.add_tag(tag)
        for name, function in FILTERS.items():
            self.add_filter(name, function)
