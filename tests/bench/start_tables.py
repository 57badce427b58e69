"""Tables of starting and holding: cold imports, packages, memory, and the portrait itself."""

from collections.abc import Mapping, Sequence
from statistics import median

from tests.bench.aws.capacity import write_units
from tests.bench.cold import Case, Start, ratio
from tests.bench.packages import LIMIT_MB, MB, builds, packages, parts
from tests.bench.portrait_sizes import Sizes
from tests.bench.tables import Cell, paragraph, table

Measured = Sequence[tuple[Case, list[Start]]]


def cold_table(title: str, measured: Measured, bases: list[Start]) -> str:
    """Return how long each takes to be ready, as a multiple of importing boto3."""
    rows: list[list[Cell]] = [
        [case.name, ratio(starts, bases), _first(case, starts, bases), *_plain(starts)]
        for case, starts in measured
    ]
    rows.append(["import boto3", 1.0, "", *_plain(bases)])
    headers = ["", "import x", "+ first call x", "import ms", "modules", "MB resident"]
    return table(title, headers, rows)


def _first(case: Case, starts: list[Start], bases: list[Start]) -> Cell:
    return ratio(starts, bases, invoked=True) if case.request else ""


def _plain(starts: list[Start]) -> list[Cell]:
    return [
        median(start.imported for start in starts),
        starts[0].modules,
        starts[0].resident / MB,
    ]


def memory_table(measured: Mapping[str, list[Start]]) -> str:
    """Return what a process of profile holds while it handles a batch."""
    rows: list[list[Cell]] = [
        [
            name,
            median(start.resident for start in starts) / MB,
            median(start.peak - start.before for start in starts) / MB,
        ]
        for name, starts in measured.items()
    ]
    title = "Memory of profile, MB resident"
    return table(title, ["first batch of", "after import", "more at the peak"], rows)


def package_table() -> str:
    """Return the bytes of every function with its layer, in every build there is."""
    rows: list[list[Cell]] = []
    for build in builds():
        largest = max(packages(build), key=lambda one: one.size)
        share = f"{largest.size / (LIMIT_MB * MB):.0%}"
        sizes = (largest.size / MB, largest.bytecode / MB)
        rows.append([f"{build.name}, {largest.name}", *sizes, share])
        rows += [[f"  {one.name}", one.size / MB, one.bytecode / MB, ""] for one in parts(build, 6)]
    headers = ["", "MB unzipped", "of it bytecode", f"of {LIMIT_MB} MB"]
    title = "Packages: the largest function of each build with the layer under it, and its parts"
    return table(title, headers, rows) if rows else "\nPackages: nothing is built yet"


def portrait_table(sizes: Sequence[Sizes]) -> str:
    """Return the bytes of a portrait, part by part before packing, then as it is stored."""
    names = list(dict.fromkeys(name for one in sizes for name in one.parts))
    units = [(write_units(one.item), write_units(one.ordering)) for one in sizes]
    rows: list[list[Cell]] = [["events in it", *(one.events for one in sizes)]]
    rows += [[f"  {name}", *(one.parts.get(name, 0) for one in sizes)] for name in names]
    rows.append(["parts together", *(sum(one.parts.values()) for one in sizes)])
    rows.append(["state, packed and deflated", *(one.state for one in sizes)])
    rows.append(["the item as DynamoDB counts it", *(one.item for one in sizes)])
    rows.append(["the item after an order, with `changes`", *(one.ordering for one in sizes)])
    rows.append(["write units of the two", *(f"{a} and {b}" for a, b in units)])
    remarks = [
        "new: one page of a visitor. typical: a member of two months. loyal: two years of weekly",
        "visits on three devices, monthly orders, an e-mail read every other week.",
    ]
    title = "Bytes of a portrait"
    return table(title, ["", *(one.name for one in sizes)], rows) + "\n\n" + paragraph(remarks)
