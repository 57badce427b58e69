"""Plots as SVG, which a page holds in itself; colours are the page's own, light or dark.

Each has a title and a description for those who do not see it, and is 480 units wide.
"""

from collections.abc import Sequence
from html import escape
from itertools import pairwise
from typing import NamedTuple

WIDTH, HEIGHT = 480.0, 300.0
LEFT, RIGHT, TOP, BOTTOM = 56.0, 22.0, 14.0, 44.0

Point = tuple[float, float]
Interval = tuple[str, float, float, float]
"""A name, a figure, and the ends of its interval."""


class Frame(NamedTuple):
    """The part of the plane that a plot shows, and how its axes are called."""

    x: tuple[float, float]
    y: tuple[float, float]
    x_name: str
    y_name: str
    x_percent: bool = False
    y_percent: bool = False

    def at(self, point: Point) -> Point:
        """Return the place of a point on paper; what is outside goes to the edge."""
        across = min(1.0, max(0.0, (point[0] - self.x[0]) / (self.x[1] - self.x[0])))
        up = min(1.0, max(0.0, (point[1] - self.y[0]) / (self.y[1] - self.y[0])))
        return (
            LEFT + across * (WIDTH - LEFT - RIGHT),
            HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM),
        )


def calibration(points: Sequence[tuple[float, float, int]], *, x_name: str, y_name: str) -> str:
    """Return what came true against what was said; on the diagonal both are the same."""
    most = max([1e-9, *(max(said, seen) for said, seen, _ in points)])
    most = 1.0 if most <= 1.0 else most * 1.05
    frame = Frame((0, most), (0, most), x_name, y_name, most == 1.0, most == 1.0)
    told = [(said, seen) for said, seen, _ in points]
    marks = [_line(frame, [(0, 0), (most, most)], "even"), _line(frame, told, "line")]
    marks += [
        _dot(frame, (said, seen), f"said {_number(said)}, came true {_number(seen)} ({rows} rows)")
        for said, seen, rows in points
    ]
    about = f"{len(points)} points from {_number(told[0][0])} to {_number(told[-1][0])} said."
    return _svg("Calibration", about, _axes(frame) + "".join(marks))


def gain(points: Sequence[Point], *, x_name: str, y_name: str) -> str:
    """Return the share of the outcome that the first so many customers have."""
    frame = Frame((0, 1), (0, 1), x_name, y_name, True, True)
    area = [frame.at(each) for each in [*points, (1.0, 0.0)]]
    marks = f'<polygon class="area" points="{_places(area)}"/>'
    marks += _line(frame, [(0, 0), (1, 1)], "even") + _line(frame, points, "line")
    marks += "".join(_dot(frame, each, f"{each[1]:.0%} in the first {each[0]:.0%}")
                     for each in points[1:])  # fmt: skip
    tenth = next((y for x, y in points if x >= 0.1), 0.0)
    return _svg("Gain", f"The first tenth holds {tenth:.0%}.", _axes(frame) + marks)


def histogram(edges: Sequence[float], shares: Sequence[float], *, x_name: str, y_name: str) -> str:
    """Return how many customers have which score."""
    top = max([*shares, 1e-9]) * 1.08
    low, high = edges[0], edges[-1] if edges[-1] > edges[0] else edges[0] + 1
    frame = Frame((low, high), (0, top), x_name, y_name, high <= 1.0, True)
    marks = ""
    for (start, end), share in zip(pairwise(edges), shares, strict=True):
        (left, up), (right, floor) = frame.at((start, share)), frame.at((end, 0))
        size = f'width="{max(0.0, right - left - 1):.1f}" height="{floor - up:.1f}"'
        note = f"{_number(start)} to {_number(end)}: {share:.1%}"
        marks += (
            f'<rect class="bar" x="{left:.1f}" y="{up:.1f}" {size}><title>{note}</title></rect>'
        )
    return _svg("Scores", f"Scores from {_number(low)} to {_number(high)}.", _axes(frame) + marks)


def bars(named: Sequence[tuple[str, float]], title: str = "Importance") -> str:
    """Return one bar a name, the longest the most; names in the page's own words."""
    high = max([value for _, value in named] + [1e-12])
    height, start = 26.0 * len(named) + 8, 216.0
    marks = ""
    for number, (name, value) in enumerate(named):
        middle = 26.0 * number + 17
        long = max(0.0, value / high) * (WIDTH - start - 60)
        marks += (
            f'<text class="label" x="{start - 8:.0f}" y="{middle + 4:.1f}" text-anchor="end">'
            f"{escape(_short(name))}</text>"
            f'<rect class="bar" x="{start:.0f}" y="{middle - 8:.1f}" width="{long:.1f}" '
            f'height="16" rx="2"/><text class="tick" x="{start + long + 6:.1f}" '
            f'y="{middle + 4:.1f}">'
            f"{_number(value)}</text>"
        )
    about = "; ".join(f"{name} {_number(value)}" for name, value in named)
    return _svg(title, about, marks, height)


def curve(points: Sequence[Point], *, title: str, x_name: str, y_name: str) -> str:
    """Return what is gained by so many, beside a straight line to what all of them gain."""
    gains = [y for _, y in points]
    low, high = min(0.0, *gains), max(1e-9, *gains)
    frame = Frame((0, 1), (low * 1.08, high * 1.08), x_name, y_name, True)
    marks = _line(frame, [points[0], points[-1]], "even") + _line(frame, points, "line")
    about = f"All gain {_number(gains[-1])}; the most is {_number(high)}."
    return _svg(title, about, _axes(frame) + marks)


def history(points: Sequence[Interval], *, y_name: str) -> str:
    """Return a figure of each champion with its interval, the oldest first."""
    about = f"{len(points)} champions; the latest {_number(points[-1][1])}."
    return intervals(points, title="Champions", about=about, y_name=y_name)


def intervals(points: Sequence[Interval], *, title: str, about: str, y_name: str) -> str:
    """Return figures with their intervals, side by side."""
    lows, highs = [low for _, _, low, _ in points], [high for *_, high in points]
    spare = max(0.01, (max(highs) - min(lows)) * 0.15)
    last = max(1, len(points) - 1)
    frame = Frame((-0.3, last + 0.3), (min(lows) - spare, max(highs) + spare), "", y_name)
    marks = _line(frame, [(float(n), value) for n, (_, value, _, _) in enumerate(points)], "line")
    shown = max(1, -(-len(points) // 5))
    for number, (name, value, low, high) in enumerate(points):
        marks += _line(frame, [(number, low), (number, high)], "whisker")
        note = f"{name}: {_number(value)} ({_number(low)} to {_number(high)})"
        marks += _dot(frame, (number, value), note)
        if (len(points) - 1 - number) % shown == 0:
            x, y = frame.at((number, frame.y[0]))
            marks += f'<text class="tick" x="{x:.1f}" y="{y + 18:.1f}" text-anchor="middle">'
            marks += f"{escape(name[:10])}</text>"
    return _svg(title, about, _axes(frame, across=False) + marks)


def _svg(title: str, about: str, marks: str, height: float = HEIGHT) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH:.0f} {height:.0f}" role="img" '
        f'aria-label="{escape(f"{title}. {about}")}"><desc>{escape(about)}</desc>{marks}</svg>'
    )


def _axes(frame: Frame, *, across: bool = True) -> str:
    marks = ""
    for tick in ticks(*frame.y):
        (left, y), (right, _) = frame.at((frame.x[0], tick)), frame.at((frame.x[1], tick))
        marks += f'<line class="grid" x1="{left:.1f}" x2="{right:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>'
        marks += f'<text class="tick" x="{left - 7:.1f}" y="{y + 4:.1f}" text-anchor="end">'
        marks += f"{_tick(tick, frame.y_percent)}</text>"
    for tick in ticks(*frame.x) if across else ():
        x, y = frame.at((tick, frame.y[0]))
        marks += f'<text class="tick" x="{x:.1f}" y="{y + 17:.1f}" text-anchor="middle">'
        marks += f"{_tick(tick, frame.x_percent)}</text>"
    middle, centre = (LEFT + WIDTH - RIGHT) / 2, (TOP + HEIGHT - BOTTOM) / 2
    marks += f'<text class="axis" x="{middle:.0f}" y="{HEIGHT - 7:.0f}" text-anchor="middle">'
    marks += f'{escape(frame.x_name)}</text><text class="axis" text-anchor="middle" '
    marks += f'transform="translate(12 {centre:.0f}) rotate(-90)">{escape(frame.y_name)}</text>'
    return marks


def ticks(low: float, high: float) -> list[float]:
    """Return round numbers between two, about five of them."""
    raw = (high - low) / 5
    power = 10.0 ** int(f"{raw:e}".partition("e")[2])
    step = next(power * each for each in (1, 2, 2.5, 5, 10) if power * each >= raw * 0.999)
    first = -int(-low // step) if low % step else round(low / step)
    number, found = first, []
    while number * step <= high + step * 1e-9:
        found.append(number * step)
        number += 1
    return found


def _line(frame: Frame, points: Sequence[Point], kind: str) -> str:
    places = _places([frame.at(each) for each in points])
    return f'<polyline class="{kind}" points="{places}"/>'


def _places(points: Sequence[Point]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _dot(frame: Frame, point: Point, note: str) -> str:
    x, y = frame.at(point)
    title = f"<title>{escape(note)}</title>"
    return f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="4">{title}</circle>'


def _tick(value: float, percent: bool) -> str:
    return f"{value:.0%}" if percent else _number(value)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _short(name: str) -> str:
    return name if len(name) <= 28 else name[:27] + "…"
