"""Parts of a card's page: plots with their numbers, and tables; whatever they show is text."""

from collections.abc import Iterable, Sequence
from html import escape


def figure(
    title: str, drawn: str, caption: str, head: Sequence[str], rows: Sequence[Sequence[str]]
) -> str:
    """Return a plot with its caption, and the same as numbers."""
    return (
        f"<figure><h2>{title}</h2><figcaption>{escape(caption)}</figcaption>{drawn}"
        f"<details><summary>{title} as numbers</summary>{table(head, rows)}</details></figure>"
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table with a head."""
    names = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    lines = "".join(
        "<tr>" + "".join(f"<td>{escape(str(each))}</td>" for each in row) + "</tr>" for row in rows
    )
    return f"<table><thead><tr>{names}</tr></thead><tbody>{lines}</tbody></table>"


def number(value: float | None) -> str:
    """Return a number with as many digits as people read."""
    if value is None:
        return "unknown"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
