"""What contacting customers changes, on a real experiment: Hillstrom's e-mails."""

import csv
from collections.abc import Iterator

import numpy as np

from models.effects import Trial, difference, is_significant, policy_difference, qini
from models.response.train import train
from models.scoring import load_vectorised
from models.tables import Bools, Floats, Table
from models.trained import Figure
from tests.bench_models.figures import Judged
from tests.bench_models.shops import DATA

NONE, MEN, WOMEN = 0, 1, 2
ARMS = {"No E-Mail": NONE, "Mens E-Mail": MEN, "Womens E-Mail": WOMEN}
OUTCOMES = ("visit", "conversion", "spend")
KNOWN = {("men's", "visit"): (0.07659, 0.06995, 0.08323)}
SEED = 0


def hillstrom() -> tuple[tuple[str, ...], Floats, Floats, dict[str, Floats]]:
    """Return names and rows of features, arms and outcomes of 64,000 customers."""
    with (DATA / "hillstrom" / "hillstrom.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    columns = {
        name: [float(line[name]) for line in lines]
        for name in ("recency", "history", "mens", "womens", "newbie")
    }
    columns["history"] = list(np.log1p(columns["history"]))
    for name in ("zip_code", "channel"):
        for kind in sorted({line[name] for line in lines}):
            columns[f"{name}={kind}"] = [float(line[name] == kind) for line in lines]
    arms = np.array([float(ARMS[line["segment"]]) for line in lines])
    outcomes = {name: np.array([float(line[name]) for line in lines]) for name in OUTCOMES}
    return tuple(columns), np.array(list(columns.values())).T, arms, outcomes


def differences() -> dict[tuple[str, str], Figure]:
    """Return the six differences in mean, each mail against none."""
    _, _, arms, outcomes = hillstrom()
    return {
        (mail, name): difference(outcomes[name][arms == arm], outcomes[name][arms == NONE])
        for mail, arm in (("men's", MEN), ("women's", WOMEN))
        for name in OUTCOMES
    }


def experiment() -> Iterator[Judged]:
    """The six differences; how uplift ranks customers it had not seen, and what that is worth."""
    for (mail, name), found in differences().items():
        where, what = f"Hillstrom, {mail} mail: {name}s", "difference"
        known = KNOWN.get((mail, name))
        told = f"[{found.low:+.5f}, {found.high:+.5f}]"
        if known:
            told += " known " + " ".join(f"{one:+.5f}" for one in known)
            off = max(abs(a - b) for a, b in zip(found, known, strict=True))
            yield Judged(where, "off what is known (5 digits)", off, 5e-6, None, told, more=False)
        yield Judged(where, what, found.value, None, None, told)
    names, rows, arms, outcomes = hillstrom()
    first = np.random.default_rng(SEED).permutation(len(rows)) % 2 == 0
    visits = outcomes["visit"]
    for title, chosen in (
        ("men's mail against none", arms != WOMEN),  # of whom nothing tells who is moved more
        ("women's mail against none", arms != MEN),
        ("either mail against none, two to one", np.ones(len(arms), dtype=bool)),
    ):
        said = _uplift(names, rows, visits, arms, first & chosen)
        judged = ~first & chosen
        found = qini(visits[judged], arms[judged] != NONE, said[judged], seed=SEED)
        alike = len(np.unique(said[judged])) == 1
        told = "all alike" if alike else f"[{found.low:+.5f}, {found.high:+.5f}]"
        bar = None if alike else 1e-4
        yield Judged(f"Hillstrom, {title}", "Qini of visits", found.value, bar, None, told)
    yield _policy(names, rows, visits, arms, first)


def _uplift(
    names: tuple[str, ...], rows: Floats, outcomes: Floats, arms: Floats, known: Bools
) -> Floats:
    """Return the uplift of everybody, learned from the known alone."""
    number = int(known.sum())
    table = Table(
        names, rows[known], outcomes[known], np.zeros(number, np.int64), np.arange(number),
        contacted=arms[known] != NONE, horizon=14,
    )  # fmt: skip
    return load_vectorised(train(table, seed=SEED).export)(rows)["uplift"]


def _policy(
    names: tuple[str, ...], rows: Floats, visits: Floats, arms: Floats, first: Bools
) -> Judged:
    """Return what the better of both mails for each brings beside men's mail for everybody."""
    men = _uplift(names, rows, visits, arms, first & (arms != WOMEN))
    women = _uplift(names, rows, visits, arms, first & (arms != MEN))
    policy = np.where(men >= women, float(MEN), float(WOMEN))[~first]
    trial = Trial(visits[~first], arms[~first], dict.fromkeys((NONE, MEN, WOMEN), 1 / 3))
    found = policy_difference(trial, policy, np.full(len(policy), float(MEN)))
    verdict = "significant" if is_significant(found) else "not significant"
    share = float((policy == WOMEN).mean())
    told = f"[{found.low:+.5f}, {found.high:+.5f}] {verdict}; women's mail to {100 * share:.0f} %"
    return Judged("Hillstrom, the better mail for each", "visits beside always men's mail",
                  found.value, None, None, told)  # fmt: skip
