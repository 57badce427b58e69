"""The text part of a mail, read off its HTML."""

import re
from html.parser import HTMLParser

_UNREAD = frozenset({"style", "script", "head", "title", "template"})
_PARAGRAPHS = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote", "hr"}
)
_LINES = frozenset({"br", "div", "tr", "li", "section", "article", "header", "footer"})
_VOID = frozenset({"br", "hr", "img", "input", "meta", "link", "col", "area", "wbr"})
_HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\r\f\v\u00a0\u200c\u034f]+")


def plain_text(html: str) -> str:
    """Return what a person would read: paragraphs, list items, and each link with its address."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = [_SPACES.sub(" ", line).strip() for line in "".join(reader.written).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.written: list[str] = []
        self._unread: list[str] = []
        self._links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if self._unread or tag in _UNREAD or _HIDDEN.search(known.get("style") or ""):
            if tag not in _VOID:
                self._unread.append(tag)
            return
        self._break(tag)
        if tag == "li":
            self.written.append("- ")
        elif tag in ("td", "th"):
            self.written.append(" ")
        elif tag == "img":
            self.written.append(known.get("alt") or "")
        elif tag == "a":
            self._links.append((known.get("href") or "", len(self.written)))

    def handle_endtag(self, tag: str) -> None:
        if self._unread:
            if tag in self._unread:  # what was left open inside ends with it
                del self._unread[len(self._unread) - 1 - self._unread[::-1].index(tag) :]
            return
        if tag == "a" and self._links:
            self._end_link()
        self._break(tag)

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self.written.append(data.replace("\n", " "))

    def _break(self, tag: str) -> None:
        if tag in _PARAGRAPHS:
            self.written.append("\n\n")
        elif tag in _LINES and (tag == "br" or not self._at_line_start()):
            self.written.append("\n")

    def _at_line_start(self) -> bool:
        for piece in reversed(self.written):
            if piece.strip(" \t"):
                return piece.endswith("\n")
        return True

    def _end_link(self) -> None:
        address, begin = self._links.pop()
        shown = _SPACES.sub(" ", "".join(self.written[begin:])).strip()
        address = address.removeprefix("mailto:")
        if address and not address.startswith("#") and address != shown:
            self.written.append(f": {address}" if shown else address)
