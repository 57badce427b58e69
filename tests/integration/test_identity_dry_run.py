"""A dry run of identity rules on a local AWS: it reads what was archived, and writes nothing."""

import pytest

from portrait.commands import INVALID, TRY_AGAIN
from portrait.event import encode_envelope
from portrait.identity_dry_run.__main__ import main
from portrait.metrics import DAY_MS
from tests.integration.test_dispatch_sending import publish
from tests.integration.test_profile_function import a_batch, handler, objects
from tests.local_aws import BUCKET, LocalAws
from tests.unit.core.worlds import NOON, an_event

RULES = "kind: identity\nkey: default\n"


@pytest.fixture(autouse=True)
def _on(aws: LocalAws) -> None:
    """Archive two events on each of three days: a customer, and one more address of theirs."""
    for day in range(3):
        at = NOON + day * DAY_MS
        who = {"user_id": "u1", "email": f"e{day}@mail.example"}
        events = tuple(an_event(f"m{day}-{n}", at=at, who=who) for n in range(2))
        assert handler(a_batch(encode_envelope(events), sent_at=at), None) == {
            "batchItemFailures": []
        }


@pytest.fixture
def rules(tmp_path):
    """Return a function that writes rules to a file and returns its name."""

    def write(text: str) -> str:
        path = tmp_path / "rules.yaml"
        path.write_text(RULES + text)
        return str(path)

    return write


def test_it_says_what_a_lower_limit_would_split(aws: LocalAws, rules, capsys):
    before = objects(aws, "")

    assert main([rules("country: SE\nnamespaces: {email: {limit: 1}}")]) == 0

    said = capsys.readouterr()
    assert "6 events, 4 identifiers (email 3, user_id 1)" in said.out
    assert "customers        1 now, 3 by the new rules" in said.out
    assert "identifiers over the limit: 2 more (email 2; such as c" in said.out
    assert said.err == "country differs: what that does cannot be seen in the archive\n"
    assert objects(aws, "") == before


def test_the_rules_of_now_are_those_that_are_published(rules, capsys):
    publish({"kind": "identity", "key": "default", "namespaces": {"email": {"limit": 1}}})

    assert main([rules("namespaces: {email: {limit: 2}}")]) == 0

    assert "customers        3 now, 2 by the new rules" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "events"),
    [
        ((), 6),
        (("--from", "2024-10-05"), 4),
        (("--to", "2024-10-05"), 4),
        (("--from", "2024-10-05", "--to", "2024-10-05"), 2),
        (("--from", "2030-01-01"), 0),
    ],
)
def test_days_can_be_chosen_both_included(rules, capsys, arguments, events):
    assert main([rules(""), *arguments]) == 0
    assert capsys.readouterr().out.startswith(f"{events} events")


def test_rules_that_are_wrong_are_refused(rules, capsys):
    assert main([rules("namespaces: {email: {limit: 0}}")]) == INVALID
    assert capsys.readouterr().err == (
        "rules.yaml:3: namespaces.email.limit: expected at least 1, got 0\n"
    )


def test_a_bucket_that_is_not_there_is_said(aws: LocalAws, rules, capsys):
    s3 = aws.client("s3")
    for found in s3.list_objects_v2(Bucket=BUCKET)["Contents"]:
        s3.delete_object(Bucket=BUCKET, Key=found["Key"])
    s3.delete_bucket(Bucket=BUCKET)

    assert main([rules("")]) == TRY_AGAIN
    assert "check DEFINITIONS_TABLE, DATA_BUCKET" in capsys.readouterr().err
