"""The inbox: what waits where the customer comes by themselves. Its page is inbox.md beside this.

Nothing leaves the house here: what is composed becomes an offer in the portrait, and the write that
puts it there is the sending.
"""

from collections.abc import Mapping
from typing import Any

from portrait.compiled import Template
from portrait.durations import milliseconds
from portrait.rendering import render_offer


def compose(template: Template, known: Mapping[str, Any]) -> tuple[dict[str, Any], int]:
    """Return what the offer shows, and for how long (ms) a "not now" hides it.

    Raises:
        Rejected: the template cannot be written for this customer, or breaks a rule.
    """
    return render_offer(template, known), milliseconds(template.snooze)
