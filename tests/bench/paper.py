"""Ten million customers on paper: measured counts, list prices, and the limits of the services."""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from tests.bench.aws.ledger import Ledger
from tests.bench.fan_out import Pass, fan_out
from tests.bench.meter import Log
from tests.bench.pipeline import STAGES, handlers
from tests.bench.prices import DOLLARS, dollars
from tests.bench.scenes import Said, Scene, play
from tests.bench.shop import DAY_MS
from tests.bench.starter_timers import BORN, CAMPAIGNS, ONBOARDED
from tests.bench.steps import MANY, SEND, STARTED, less, scene
from tests.bench.tables import Cell, paragraph, table
from tests.bench.template_values import deployed

CUSTOMERS = 10_000_000
DAY_SECONDS = 86_400

SCHEDULES = 10_000_000
"""Timers of an account at once, adjustable. Source: EventBridge Scheduler quotas."""
FIRED_A_SECOND = 1_000
"""Likewise: how many fire in a second, and as many may be set; larger in some regions."""
WRITE_UNITS_A_SECOND = 40_000
"""Of one table on demand, adjustable. Source: DynamoDB quotas."""
CONCURRENT = 1_000
"""Lambda environments of an account at once, adjustable. Source: Lambda quotas."""


class Programme(NamedTuple):
    """Something that customers go through: how many a day, and what one of them takes."""

    name: str
    a_day: int
    ledgers: Mapping[str, Ledger]

    def of(self, price: str) -> float:
        """Return the amount of one line of a customer's bill."""
        return sum(ledger.charges[price] for ledger in self.ledgers.values())

    @property
    def set(self) -> float:
        return sum(one.requests["scheduler", "POST"] for one in self.ledgers.values())

    @property
    def fired(self) -> float:
        return sum(one.fired for one in self.ledgers.values())

    @property
    def dollars(self) -> float:
        """Return what one customer costs, without what SES takes."""
        return sum(
            dollars({name: n for name, n in one.charges.items() if name != "ses"})
            for one in self.ledgers.values()
        )

    @property
    def seconds(self) -> float:
        """Return for how long one customer occupies an environment of Lambda."""
        return sum(
            one.charges["lambda_gb_second"] * 1024 / deployed()[stage].memory_mb
            for stage, one in self.ledgers.items()
        )


def programmes(log: Log) -> list[Programme]:
    """Measure what one customer takes in each of three programmes, many at a time."""
    nothing = play(scene(script=[STARTED], customers=MANY), log)
    one = less(play(scene(SEND, script=[STARTED], customers=MANY), log), nothing)
    everybody = fan_out(handlers()["calendar"], None, 2_000, log)
    daily = _each(one, MANY) | {"calendar": _share(everybody)}
    welcome = _life("onboarding", [*ONBOARDED], days=40, log=log)
    birthday = _life("birthday", [], days=365, log=log)
    return [
        Programme("calendar campaign, everybody, daily", CUSTOMERS, daily),
        Programme("onboarding, 1 in 100 joins a day", CUSTOMERS // 100, welcome),
        Programme("birthdays of all", CUSTOMERS // 365, birthday),
    ]


def _life(campaign: str, script: list[Said], *, days: int, log: Log) -> dict[str, Ledger]:
    """Return what a customer takes in one starter campaign more than without it."""
    settings = {f"campaign/{key}.control": "0" for key in CAMPAIGNS}
    settings["policy/default.control"] = "0"
    paused = {f"campaign/{key}.status": "paused" for key in CAMPAIGNS}
    with_it = {name: how for name, how in paused.items() if f"/{campaign}." not in name}
    first = Scene(
        settings=settings | with_it, script=[Said(0, "$identify"), *script],
        introduced=not script, traits=BORN, lasts=days * DAY_MS, customers=MANY,
    )  # fmt: skip
    both = play(first, log), play(replace(first, settings=settings | paused), log)
    return _each(less(*both), MANY)


def _each(ledgers: Mapping[str, Ledger], customers: int) -> dict[str, Ledger]:
    found = {}
    for stage in (stage for stage in STAGES if stage in ledgers):
        one, each = ledgers[stage], Ledger(fired=ledgers[stage].fired / customers)  # type: ignore[arg-type]
        for name in ("requests", "charges"):
            shares = {key: n / customers for key, n in getattr(one, name).items()}
            getattr(each, name).update(shares)
        found[stage] = each
    return found


def _share(done: Pass) -> Ledger:
    share = Ledger()
    share.charges.update({key: n / done.customers for key, n in done.ledger.charges.items()})  # type: ignore[arg-type]
    return share


def paper_table(log: Log) -> str:
    """Return what ten million customers take of the services each day, and how long at best."""
    every = programmes(log)
    rows = [_row(one) for one in every]
    daily, _, born = every
    headers = [
        "", "customers", "write units", "timers", "timers", "SQS", "bus", "$ a day", "SES", "write",
        "Lambda",
    ]  # fmt: skip
    units = [
        "", "a day", "each", "set a day", "fire a day", "M a day", "M a day", "without SES",
        "$ a day", "units/s", "s each",
    ]  # fmt: skip
    title = f"{CUSTOMERS:,} customers on paper"
    writes = daily.of("dynamodb_write") * CUSTOMERS
    at_once = CUSTOMERS * daily.seconds / CONCURRENT
    remarks = [
        "measured counts times list prices; nobody held out, every message goes. onboarding: who",
        "never reacts, over its weeks. birthdays: set once, fires, says it, is set for next year.",
        "write units/s: spread over a day; none of it is one item or one key.",
        f"all at one minute: {writes / 1e6:,.0f} M write units take "
        f"{writes / WRITE_UNITS_A_SECOND / 60:,.0f} min at {WRITE_UNITS_A_SECOND:,} a second, and "
        f"{at_once / 60:,.0f} min in {CONCURRENT:,} environments.",
        f"timers: one a customer at most, so {CUSTOMERS:,} of {SCHEDULES:,} an account may have; "
        f"{FIRED_A_SECOND:,} fire a second,",
        f"so the {born.a_day:,} of a day, if due at one instant, "
        f"take {born.a_day / FIRED_A_SECOND:,.0f} s, "
        f"and {CUSTOMERS:,} would take {CUSTOMERS / FIRED_A_SECOND / 60:,.0f} min.",
        "quotas are the defaults, known by heart; all of them can be raised.",
    ]
    return table(title, headers, [list(units), *rows]) + "\n\n" + paragraph(remarks)


def _row(one: Programme) -> list[Cell]:
    return [
        one.name,
        one.a_day,
        f"{one.of('dynamodb_write'):.1f}",
        round(one.set * one.a_day),
        round(one.fired * one.a_day),
        f"{one.of('sqs') * one.a_day / 1e6:.2f}",
        f"{one.of('eventbridge') * one.a_day / 1e6:.2f}",
        f"{one.dollars * one.a_day:,.2f}",
        f"{one.of('ses') * one.a_day * DOLLARS['ses']:,.2f}",
        f"{one.of('dynamodb_write') * one.a_day / DAY_SECONDS:,.0f}",
        f"{one.seconds:.3f}",
    ]
