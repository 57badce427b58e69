"""The few pages that a recipient of a message may see."""

import base64
import hashlib
from dataclasses import dataclass, field

_STYLE = (
    "body{font:1.125rem/1.6 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1.5rem;"
    "color:#1a1a1a;background:#fff}h1{font-size:1.6rem;line-height:1.25}"
    "button{font:inherit;font-weight:600;padding:.75rem 1.5rem;border:0;border-radius:.4rem;"
    "background:#1a1a1a;color:#fff;cursor:pointer}button:focus-visible{outline:3px solid #06c;"
    "outline-offset:3px}@media(prefers-color-scheme:dark){body{color:#eee;background:#161616}"
    "button{background:#eee;color:#161616}}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",  # the address is the token
    "Strict-Transport-Security": "max-age=63072000",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}

_LAYOUT = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
<h1>{title}</h1>
{content}
</main>
</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class Page:
    """A page and its status; nothing on it is about anybody."""

    status: int
    title: str
    content: str
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def html(self) -> str:
        """The whole document."""
        return _LAYOUT.format(title=self.title, style=_STYLE, content=self.content)

    @property
    def all_headers(self) -> dict[str, str]:
        """What it is sent with."""
        return _HEADERS | self.headers

    def as_response(self, *, with_body: bool = True) -> dict[str, object]:
        """Return the page as an HTTP API answers it (payload format 2.0)."""
        return {
            "statusCode": self.status,
            "headers": self.all_headers,
            "body": self.html if with_body else "",
            "isBase64Encoded": False,
        }


QUESTION = Page(
    200,
    "Stop these messages?",
    "<p>You will no longer get messages of this kind.</p>\n"
    '<form method="post"><button type="submit">Unsubscribe</button></form>',
)
DONE = Page(
    200,
    "You are unsubscribed",
    "<p>You will no longer get messages of this kind. You can close this page.</p>",
)
NOT_FOUND = Page(
    404,
    "This link does not work",
    "<p>It may be incomplete or too old. Use the link in the latest message you got.</p>",
)
NOT_ALLOWED = Page(
    405, "This cannot be done here", "<p>Open the link in a browser.</p>", {"Allow": "GET, POST"}
)
TRY_AGAIN = Page(
    503,
    "Please try again",
    "<p>We could not save your choice just now.</p>\n"
    '<form method="post"><button type="submit">Try again</button></form>',
    {"Retry-After": "5"},
)
FOLLOW_AGAIN = Page(
    503,
    "Please try again",
    "<p>We could not open this link just now. Open it again in a moment.</p>",
    {"Retry-After": "5"},
)
