"""Where in a page a value may stand: escaping makes text safe, but not every place is text."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

_OUTPUT = re.compile(r"\{\{-?(.*?)-?\}\}", re.DOTALL)
_TAG = re.compile(r"\{%.*?%\}", re.DOTALL)
_MARK = "q\ue000"  # begins with a letter, so that `<{{ x }}` reads as an element too
_MARKED = re.compile(f"{_MARK}([0-9]+)\ue000")
_ADDRESSES = frozenset(
    {"href", "xlink:href", "src", "srcset", "action", "formaction", "background", "poster", "cite"}
)
_FORBIDDEN = frozenset({"script", "iframe", "object", "embed", "base", "form", "svg", "math"})
_OWN_ADDRESSES = frozenset({"unsubscribe_url", "trap_url"})


def misplaced_values(html: str) -> Iterator[str]:
    """Name each output that escaping alone does not make safe, and each element mail must not have.

    A value may stand in text and in quoted attributes. Where it begins an address it must pass
    through `| url`, which lets only http and https through.
    """
    outputs: list[str] = []

    def mark(match: re.Match[str]) -> str:
        outputs.append(match[1].strip())
        return f"{_MARK}{len(outputs) - 1}\ue000"

    walk = _Walk(outputs)
    walk.feed(_TAG.sub("", _OUTPUT.sub(mark, html.replace("\ue000", ""))))
    walk.close()
    yield from walk.problems


class _Walk(HTMLParser):
    def __init__(self, outputs: list[str]) -> None:
        super().__init__(convert_charrefs=False)
        self.problems: list[str] = []
        self._outputs = outputs

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _FORBIDDEN:
            self.problems.append(f"<{tag}> does not belong in a message")
        if _MARK in tag or any(_MARK in name for name, _ in attrs):
            self.problems.append("a value may not name an element or an attribute")
        source = self.get_starttag_text() or ""
        for name, value in attrs:
            if name.startswith("on"):
                self.problems.append(f"{name} runs script; it does not belong in a message")
            elif value and _MARK in value:
                self._attribute(tag, name, value, source)

    def _attribute(self, tag: str, name: str, value: str, source: str) -> None:
        if name == "style" or tag == "meta":
            self.problems.append(f"a value may not stand in {name} of <{tag}>")
        first = _MARKED.match(value.strip())
        output = self._outputs[int(first[1])] if first and name in _ADDRESSES else None
        if (
            output is not None
            and output not in _OWN_ADDRESSES
            and not re.search(r"\|\s*url$", output)
        ):
            self.problems.append(f"{name} begins with {{{{ {output} }}}}: end it in `| url`")
        if re.search(rf"{re.escape(name)}\s*=\s*[^\s\"'>]*{_MARK}", source, re.IGNORECASE):
            self.problems.append(f"the value of {name} needs quotes around it")

    def handle_data(self, data: str) -> None:
        if self.cdata_elem in ("script", "style") and _MARK in data:
            self.problems.append(f"a value may not stand in <{self.cdata_elem}>")
