"""Real invoices: what counts as a sale, exact sums, and one clear sentence for a wrong file."""

import csv
import gzip
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tests.demo.__main__ import main
from tests.demo.environments import ROOT
from tests.demo.invoices import BadData, fold, read

DATA = ROOT.parent / "shared" / "data" / "online_retail"
HEAD = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
LINES = """\
1,A,mug,6,2010-12-01 08:26:00,2.55,17850,UK
1,B,cup,2,2010-12-01 08:27:00,0.10,17850,UK
2,A,mug,1,2010-12-31 08:26:00,2.55,17850,UK
C3,A,mug,-1,2010-12-02 08:26:00,2.55,17850,UK
4,A,gift,1,2010-12-02 08:26:00,0.00,17850,UK
5,A,mug,1,2010-12-02 08:26:00,2.55,,UK
"""


@pytest.fixture
def shop(tmp_path) -> Path:
    path = tmp_path / "shop.csv"
    path.write_text(HEAD + LINES)
    return path


def test_only_sale_lines_to_known_customers_count(shop):
    ledger = read(shop, None)

    assert [(i.number, i.revenue) for i in ledger.invoices] == [
        ("1", Decimal("15.50")),
        ("2", Decimal("2.55")),
    ]
    assert (ledger.lines, ledger.without_customer, ledger.not_sold) == (6, 1, 2)


def test_the_limit_counts_lines_of_the_file(shop):
    assert len(read(shop, 2).invoices) == 1


def test_a_window_is_open_at_its_start(shop):
    invoices = read(shop, None).invoices
    last = invoices[-1].at

    assert fold(invoices, last)["17850"].orders_30d == 1
    assert fold(invoices, last - 1)["17850"].spend_30d == Decimal("15.50")
    assert fold(invoices, last)["17850"].spend_ever == Decimal("18.05")


def test_the_event_keeps_the_instant_and_the_exact_sum(shop):
    event = read(shop, None).invoices[0].event()

    assert datetime.fromisoformat(event["timestamp"]) == datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
    assert Decimal(str(event["properties"]["revenue"])) == Decimal("15.50")
    assert "sentAt" not in event


@pytest.mark.skipif(not DATA.is_dir(), reason=f"the Online Retail data is not at {DATA}")
@pytest.mark.parametrize("as_of", ["2011-01-15T000000"])
def test_the_fold_gives_the_golden_answers(as_of):
    instant = datetime.strptime(as_of, "%Y-%m-%dT%H%M%S").replace(tzinfo=UTC)
    found = fold(
        read(DATA / "online_retail.csv.gz", 90_000).invoices, round(instant.timestamp() * 1000)
    )
    with (DATA / "golden" / f"asof_{as_of}.csv").open(newline="") as file:
        golden = {row["customer_id"]: row for row in csv.DictReader(file)}

    assert found.keys() == golden.keys()
    for customer, row in golden.items():
        spending = found[customer]
        assert spending.orders_30d == int(row["transactions_30d"])
        assert spending.spend_30d == Decimal(row["spend_30d"])
        assert spending.orders_ever == int(row["transactions_all"])
        assert spending.spend_ever == Decimal(row["spend_all"])


def not_there(folder: Path) -> Path:
    return folder / "nothing.csv"


def another_table(folder: Path) -> Path:
    (folder / "other.csv").write_text("id,date\n1,2\n")
    return folder / "other.csv"


def not_gzip(folder: Path) -> Path:
    (folder / "plain.csv.gz").write_text(HEAD + LINES)
    return folder / "plain.csv.gz"


def cut_off(folder: Path) -> Path:
    (folder / "cut.csv.gz").write_bytes(gzip.compress((HEAD + LINES * 50).encode())[:-20])
    return folder / "cut.csv.gz"


def a_word_for_a_number(folder: Path) -> Path:
    (folder / "words.csv").write_text(HEAD + LINES.replace(",6,", ",six,"))
    return folder / "words.csv"


def returns_alone(folder: Path) -> Path:
    (folder / "returns.csv").write_text(HEAD + LINES.splitlines()[3] + "\n")
    return folder / "returns.csv"


@pytest.mark.parametrize(
    "make",
    [not_there, Path, another_table, not_gzip, cut_off, a_word_for_a_number, returns_alone],
    ids=lambda make: make.__name__,
)
def test_a_wrong_file_is_told_in_one_sentence(tmp_path, make):
    with pytest.raises(BadData) as raised:
        read(make(tmp_path), None)

    assert "\n" not in str(raised.value)
    assert str(tmp_path) in str(raised.value)


def test_the_command_says_what_is_wrong_before_it_builds_anything(tmp_path, capsys):
    assert main(["--data", str(tmp_path / "nothing.csv")]) == 2

    (sentence,) = capsys.readouterr().err.strip().splitlines()
    assert sentence.startswith("portrait: cannot read ")
    assert sentence.endswith("online_retail.csv.gz.")


@pytest.mark.parametrize("limit", ["0", "-1", "many", "1.5", "10000000"])
def test_a_limit_that_is_none_is_refused_in_one_sentence(limit, capsys):
    with pytest.raises(SystemExit) as raised:
        main(["--data", "shop.csv", f"--limit={limit}"])

    assert raised.value.code == 2
    (sentence,) = capsys.readouterr().err.strip().splitlines()
    assert "expected a number from 1 to 1,000,000" in sentence


def test_a_limit_without_a_file_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["--limit", "10"])

    assert "DATA=" in capsys.readouterr().err
