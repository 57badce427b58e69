"""The figures as tables."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from statistics import median

from tests.bench.tables import Cell, paragraph, table
from tests.identity import bars
from tests.identity.bars import Bar
from tests.identity.play import Played
from tests.identity.quality import Quality
from tests.identity.trial import Figures, Trial

ORACLE = (
    "A sighting can be told when it carries an identifier of which three quarters of the uses are",
    "the actor's own. Of the others (a family's mailbox alone, a tablet before anybody signs in)",
    "nobody can say who acted: even the oracle, who knows whose each identifier is and follows the",
    "last one seen, is wrong about some. Nor can those be told of people who share an identifier",
    "while no account and no name in the whole stream tells the two apart. The bars are held to",
    "the sightings that can be told; the figures over all stand beside them. Recall is of what",
    "shared identifiers can give.",
    "A person is in a wrong profile when a sighting of theirs lies in a portrait that is mostly",
    "somebody else's; shares one, when it holds anybody else's at all.",
)


CPU, CLOCK = "CPU s / 10,000", "by the clock"
"""The bar is held to processor time: the worlds are played two at a time, and the machine may have
more to do. What the clock said stands beside it."""


def stream_table(rows: Sequence[tuple[str, Quality, Played | None]]) -> str:
    """Return the figures on the public stream, a row for each resolver and order."""
    headers = ["", "precision", "recall", "F1", "largest", "people wrong", CPU, CLOCK]
    return table("identity_stream, event by event", headers, [
        [
            name, bars.STREAM_PRECISION.text(q.precision), f"{q.recall:.3f}",
            bars.STREAM_F1.text(q.f1), q.largest, q.wrong,
            *((f"{p.pace():.2f}", f"{p.wall_pace():.2f}") if p else ("", "")),
        ]
        for name, q, p in rows
    ])  # fmt: skip


def worlds_tables(trials: Sequence[Trial]) -> str:
    """Return the figures of all resolvers over the seeds: least, median and most."""
    told, everything = _resolvers("told", trials), _resolvers("overall", trials)
    sizes = [t.sightings for t in trials]
    return "\n".join([
        table("Hostile worlds, sightings that can be told: least, median, most", _HEADERS, told),
        table("Hostile worlds, all sightings: least, median, most", _HEADERS, everything),
        "",
        paragraph([
            f"{len(trials)} seeds: {', '.join(str(t.seed) for t in trials)}",
            f"{min(sizes):,} to {max(sizes):,} sightings a world, "
            f"{min(t.per_person for t in trials):.1f} a person; "
            f"{100 * min(t.tellable for t in trials):.1f} % or more can be told, up to "
            f"{max(t.alike for t in trials):,} people cannot be told apart; recall that "
            f"shared identifiers give {min(t.recall_ceiling for t in trials):.3f} or more",
            f"{CPU}: {min(t.pace for t in trials):.2f} to {max(t.pace for t in trials):.2f}; "
            f"{CLOCK} {min(t.wall_pace for t in trials):.2f} to "
            f"{max(t.wall_pace for t in trials):.2f}, two worlds at a time",
            *ORACLE,
        ]),
    ])  # fmt: skip


def verdicts(figures: Sequence[tuple[Bar, float, str]]) -> str:
    """Return each bar with the worst that was measured."""
    rows: list[Sequence[Cell]] = [
        [bar.name, bar.text(value), *bar.verdict(value), where] for bar, value, where in figures
    ]
    return table(
        "Bars and aims, at the worst order or seed", ["", "measured", "bar", "aim", "where"], rows
    )


def stream_figures(reached: Sequence[tuple[Quality, Played]]) -> list[tuple[Bar, float, str]]:
    """Return the worst of each barred figure over the orders."""
    where = "identity_stream"
    return [
        (bars.STREAM_F1, min(q.f1 for q, _ in reached), where),
        (bars.STREAM_PRECISION, min(q.precision for q, _ in reached), where),
        (bars.STREAM_LARGEST, max(q.largest for q, _ in reached), where),
        (bars.PACE, max(p.pace() for _, p in reached), where),
    ]


def worlds_figures(trials: Sequence[Trial]) -> list[tuple[Bar, float, str]]:
    """Return the worst of each barred figure over the seeds, of sightings that can be told."""
    ours = [t.told["portrait"] for t in trials]
    where = "hostile worlds"
    return [
        (bars.PRECISION, min(f.precision for f in ours), where),
        (bars.WRONG, max(f.wrong for f in ours), where),
        (bars.OF_CEILING, min(f.of_ceiling for f in ours), where),
        (bars.PACE, max(t.pace for t in trials), where),
    ]


def explanation(trials: Sequence[Trial]) -> str:
    """Return the worst wrong merges and what each hostile part did, over all seeds."""
    wrong: Counter[str] = Counter()
    pairs: Counter[str] = Counter()
    for each in trials:
        for mistake in each.mistakes:
            wrong[mistake.part] += mistake.wrong
            pairs[mistake.part] += mistake.pairs
    rows: list[Sequence[Cell]] = [[part, count, pairs[part]] for part, count in wrong.most_common()]
    worst = sorted(((m.pairs, t.seed, str(m)) for t in trials for m in t.mistakes), reverse=True)
    return "\n".join([
        table("Wrong merges by hostile part, all seeds", ["", "people", "wrong pairs"], rows),
        "",
        paragraph([f"seed {seed}: {said}" for _, seed, said in worst[:5]]),
    ])  # fmt: skip


_HEADERS = ["", "precision", "people wrong %", "sharing %", "recall of ceiling %", "largest"]
_CELLS: Sequence[tuple[Callable[[Figures], float], str]] = (
    (lambda f: f.precision, ".4f"),
    (lambda f: f.wrong, ".3f"),
    (lambda f: f.sharing, ".3f"),
    (lambda f: f.of_ceiling, ".1f"),
    (lambda f: f.largest, ",.0f"),
)


def _resolvers(which: str, trials: Sequence[Trial]) -> list[list[Cell]]:
    judged: list[Mapping[str, Figures]] = [getattr(t, which) for t in trials]
    return [
        [name, *(_spread([read(each[name]) for each in judged], form) for read, form in _CELLS)]
        for name in judged[0]
    ]


def _spread(values: Sequence[float], form: str) -> str:
    return "  ".join(format(value, form) for value in (min(values), median(values), max(values)))
