"""The line that an inbox shows after the subject, before the mail is opened."""

import re
from html import escape

_TOPS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (r"<body\b[^>]*>", r"</head\s*>", r"<html\b[^>]*>", r"<!doctype\b[^>]*>")
]
"""After which of these the readable part of a page begins: the first that there is."""
_HIDDEN = (
    "display:none;font-size:1px;line-height:1px;max-height:0;max-width:0;opacity:0;"
    "overflow:hidden;mso-hide:all"
)
_FILL = "&#847;&zwnj;&nbsp;" * 60
"""Nothing, for as long as an inbox reads on: else it would show what follows the line."""


def with_preheader(html: str, line: str) -> str:
    """Return the page with the line at its top, where inboxes read it and readers do not see it."""
    if not line or not html:
        return html
    hidden = f'<div style="{_HIDDEN}">{escape(line)}{_FILL}</div>'
    place = next((top.end() for each in _TOPS if (top := each.search(html))), 0)
    return html[:place] + hidden + html[place:]
