"""Tables as text: names to the left, figures to the right."""

from collections.abc import Iterator, Sequence

Cell = str | int | float


def table(title: str, headers: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """Return a titled table; the first column is text, the others align with their figures."""
    texts = [[text(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(headers, *texts, strict=True)]
    lines = ["", title, "", _line(headers, widths), "  ".join("-" * width for width in widths)]
    return "\n".join([*lines, *(_line(row, widths) for row in texts)])


def text(cell: Cell) -> str:
    """Return a figure with as many digits as it deserves."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, int) or cell >= 1000:
        return f"{cell:,.0f}"
    digits = next(n for n, limit in ((1, 100), (2, 10), (3, 0.0995), (4, 0)) if cell >= limit)
    return f"{cell:.{digits}f}"


def paragraph(lines: Sequence[str]) -> str:
    """Return remarks, indented under their table."""
    return "\n".join(_indented(lines))


def _indented(lines: Sequence[str]) -> Iterator[str]:
    yield from (f"  {line}" for line in lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(cells, widths, strict=True)
    parts = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
    return "  ".join(parts).rstrip()
