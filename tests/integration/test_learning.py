"""Learning on a local AWS: portraits become a model, it scores, and a score lets people in."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from functions.dispatch import handler as dispatch
from functions.profile.handler import handler as profile
from functions.retrain import handler as retrain_function
from functions.retrain.handler import handler as retrain
from functions.score import handler as score_function
from functions.score.handler import handler as score
from functions.trigger.handler import handler as trigger
from models import revision
from portrait import experiments
from portrait.definitions.documents import canonical, parse
from portrait.definitions.reading import STARTERS, read_folder
from portrait.dialogue import Entries
from portrait.event import encode_envelope
from portrait.identity import home
from portrait.learning import registry
from portrait.learning.__main__ import main as command
from portrait.learning.behaviour import items_bought
from portrait.learning.document import learning_of
from portrait.learning.recommending import Recommended
from portrait.learning.scores import held
from portrait.metrics import DAY_MS
from portrait.portrait import Portrait
from portrait.record import Write
from portrait.store import definitions, models, portraits
from tests.demo.stack import Stack
from tests.integration.settling import entries, settle, stream, taken
from tests.integration.test_profile_function import a_batch
from tests.local_aws import BUCKET, SECRET, LocalAws, forget_settings
from tests.unit.core.worlds import an_event

EVENTS = Path(__file__).parents[2] / "events"
WEEKLY = json.loads((EVENTS / "retrain/weekly.json").read_text())
NIGHTLY = json.loads((EVENTS / "score/nightly.json").read_text())
CUSTOMERS = 640
LEARNING = learning_of(canonical(read_folder(STARTERS / "learning")[0].definition))
CAMPAIGN = {
    "kind": "campaign", "key": "leaving", "name": "Leaving", "purpose": "marketing",
    "status": "active", "entry": {
        "becomes": {"score": "churn", "at_least": 0.7}, "until": {"score": "churn", "below": 0.5},
    },
    "control": 0, "steps": [{"emit": {"fact": "Call Them"}}],
}  # fmt: skip
LETTER = {
    "kind": "campaign", "key": "letter", "name": "A letter", "purpose": "marketing",
    "status": "active", "entry": {"event": "Letter Asked For"}, "control": 0.5,
    "steps": [{"emit": {"fact": "Write To Them"}}],
}  # fmt: skip


def now() -> int:
    return time.time_ns() // 1_000_000


def order(user: str, at: int, **said: Any) -> Any:
    return an_event(f"{user}-{at}", name="Order Completed", at=at, received_at=now(),
                    who={"user_id": user}, properties=said)  # fmt: skip


def orders(user: str, random: Random, today: int) -> list[Any]:
    """Return the orders of somebody who buys about every month, and may have stopped one day."""
    gap = random.uniform(14, 60)
    day = today - 420 + random.uniform(0, gap)
    gone = today - random.uniform(-500, 420)
    found = []
    while day < min(today - 1, gone):
        at = int(day) * DAY_MS
        product = {"product_id": f"T-{random.randrange(30)}"}
        found.append(order(user, at, revenue=round(random.uniform(5, 80), 2), products=[product]))
        day += max(1.0, random.gauss(gap, gap / 4))
    return found


def objection(user: str) -> Any:
    return an_event("no", name="Consent Withdrawn", at=now(), received_at=now(),
                    who={"user_id": user}, properties={"purpose": "profiling"})  # fmt: skip


def told(*events: Any) -> None:
    assert profile(a_batch(*(encode_envelope((one,)) for one in events), sent_at=now()), None) == {
        "batchItemFailures": []
    }


def publish() -> None:
    documents = [canonical(draft.definition) for draft in read_folder(STARTERS / "learning")]
    documents += [canonical(draft.definition) for draft in read_folder(STARTERS / "policies")]
    documents += [canonical(parse(one)) for one in (CAMPAIGN, LETTER)]
    for document in documents:
        definitions.publish(document, now=1, expected_version=0)


def let_in(*users: str) -> int:
    """Let customers have been let into the letter some months ago, by lot; return how many."""
    at, found = now() - 100 * DAY_MS, portraits.load([home_of(user) for user in users])
    for record in found.values():
        portrait = record.portrait
        strand = portrait.strand(portrait.home)
        strand.entries["letter"] = Entries(1, at)
        strand.set_arm("letter", experiments.arm("letter", record.home, LETTER["control"]))
        work = Write(record, portrait.encode(), None, beyond=record.beyond)
        portraits.write(work, now=now())
    return len(found)


def trained(occurrence: str, owner: str = "r1", accept: Sequence[str] = ()) -> dict[str, Any]:
    told = {**WEEKLY, "time": occurrence, "accept": list(accept)}
    return retrain(told, SimpleNamespace(aws_request_id=owner))


def scored(aws: LocalAws) -> dict[str, Any]:
    """Score everybody, as at night; return what the fan-out said."""
    begun = score(NIGHTLY, None)
    by_queue(aws)
    return begun


def by_queue(aws: LocalAws) -> int:
    found = taken(aws, "SCORES_QUEUE_URL")
    for record in found:
        assert score({"Records": [record]}, None) == {"batchItemFailures": []}
    return len(found)


def home_of(user: str) -> str:
    return home(SECRET.encode(), "user_id", user)


def portrait_of(user: str) -> Portrait:
    record = portraits.follow(home_of(user))
    return record.portrait if record else Portrait("")


@pytest.fixture
def shop(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> LocalAws:
    """A shop with customers enough to learn from, and the campaign for those about to leave."""
    score_function._champions.clear()
    publish()
    today = now() // DAY_MS
    bought = [orders(f"u{n}", Random(n), today) for n in range(CUSTOMERS)]
    told(*(one for some in bought for one in some))
    return aws


def test_a_shop_learns_scores_and_lets_in_whoever_is_about_to_leave(
    shop: LocalAws, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
):
    assert score(NIGHTLY, None) == {"models": 0, "slices": 0}  # without a model, nothing is done

    assert let_in(*(f"u{n}" for n in range(CUSTOMERS))) > 600
    first = trained("2026-05-31T02:00:00Z")
    assert {one["model"]: one["what"] for one in first["models"]} == dict.fromkeys(
        ("churn", "value", "taste", "response"), "promoted"
    )
    reasons = {one["model"]: one["reason"] for one in first["models"]}
    assert "learning begins at 500" in reasons["response"]
    again = trained("2026-05-31T02:00:00Z", "another delivery")
    assert again == {"models": [], "reason": "trained before"}

    assert scored(shop)["models"] == 3
    churn = {n: held(portrait_of(f"u{n}")).get("churn") for n in range(0, CUSTOMERS, 8)}
    settle(shop)
    inside = entries(shop, "leaving")
    risky = [n for n, chance in churn.items() if chance is not None and chance >= 0.7]
    assert risky
    assert {one["subject"]["S"] for one in inside} >= {home_of(f"u{n}") for n in risky}
    versions = {one["model"]: one["version"] for one in first["models"]}
    traits = portrait_of(f"u{risky[0]}").strands[home_of(f"u{risky[0]}")].traits
    assert traits["score_model.churn"].value == versions["churn"]
    assert traits["score_model.response"].value == versions["response"]
    assert 0 < traits["score.response"].value < 1
    assert -1 < traits["score.uplift"].value < 1

    before = table_versions()
    scored(shop)
    assert table_versions() == before  # a quiet night writes nothing

    # Who buys is scored anew by day, and is not about to leave any more.
    user = f"u{risky[0]}"
    told(order(user, now(), revenue=20.0))
    trigger({"Records": stream(shop)["Records"][-1:]}, None)
    assert by_queue(shop) == 1
    assert held(portrait_of(user))["churn"] < 0.5

    # Who objects has no scores any more.
    told(objection(user))
    trigger({"Records": stream(shop)["Records"][-1:]}, None)
    assert by_queue(shop) == 1
    assert held(portrait_of(user)) == {}
    # Another candidate may win without them, whose scores lie otherwise: a person lets that pass.
    second = trained("2026-06-07T02:00:00Z", accept=["scores"])
    assert second["objectors"] == 1

    # A model that somebody changed is refused, and the one that was there stays.
    pointer, _ = models.pointer("churn")
    kept, newest = pointer.previous, pointer.champion
    assert (kept, newest) == (versions["churn"], second["models"][0]["version"])
    key = f"models/churn/{newest}/export.json"
    s3 = shop.client("s3")
    content = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    s3.put_object(Bucket=BUCKET, Key=key, Body=content.replace(b"0", b"1", 1))
    caplog.clear()
    scored(shop)
    refused = [line for line in caplog.records if line.getMessage() == "a model was refused"]
    assert {line.reason.partition(":")[0] for line in refused} == {"model_tampered"}
    assert {line.kept for line in refused} == {kept}

    # And one command puts it in force again.
    assert command(["rollback", "churn"]) == 0
    assert kept in capsys.readouterr().out
    caplog.clear()
    scored(shop)
    assert [line for line in caplog.records if line.levelname == "ERROR"] == []
    assert command(["rollback", "churn"]) == 1  # to what was tampered with, nobody goes back


def test_a_customer_is_recommended_what_taste_learned_and_who_objects_nothing(
    shop: LocalAws, capsys: pytest.CaptureFixture[str]
):
    assert command(["recommend", "user_id:u8"]) == 1
    assert "no version of taste was ever in force" in capsys.readouterr().err
    (taste,) = [one for one in trained("2026-05-31T02:00:00Z")["models"] if one["model"] == "taste"]
    assert (taste["what"], taste["refusals"]) == ("promoted", ())
    capsys.readouterr()

    assert command(["recommend", "user_id:u8", "--number", "3"]) == 0

    said, new, again = capsys.readouterr().out.splitlines()
    own = {one.item for one in items_bought(portrait_of("u8"), LEARNING, now() // DAY_MS)}
    assert taste["version"] in said
    fresh = new.removeprefix("new to them").replace(",", " ").split()
    assert len(fresh) == 3
    assert not own & set(fresh)
    assert "T-" in again
    by_mail = dispatch._recommender(portrait_of("u8"), LEARNING, now())
    assert by_mail.new[:3] == tuple(fresh)
    assert command(["recommend", "user_id:nobody"]) == 1

    told(objection("u8"))
    assert dispatch._recommender(portrait_of("u8"), LEARNING, now()) == Recommended()
    capsys.readouterr()
    assert command(["recommend", "user_id:u8"]) == 0
    assert "recommended nothing" in capsys.readouterr().out


def table_versions() -> dict[str, int]:
    homes = [home_of(f"u{n}") for n in range(CUSTOMERS)]
    return {at: record.version for at, record in portraits.load(homes, consistent=True).items()}


def test_a_pointer_is_replaced_by_one_at_a_time(aws: LocalAws):
    first = registry.Pointer(name="churn", champion="a", at=1)
    models.point(first, tag="")
    found, tag = models.pointer("churn")
    assert found == first

    models.point(registry.promoted(found, "churn", "b", 2), tag=tag)

    for stale in (tag, ""):
        with pytest.raises(models.Conflict):
            models.point(registry.promoted(found, "churn", "c", 3), tag=stale)
    assert models.pointer("churn")[0].champion == "b"


def test_three_customers_are_too_few_to_learn_much_from_and_get_the_calibrated_rule(aws: LocalAws):
    publish()
    today = now() // DAY_MS
    for n in (1, 2, 3):
        told(*orders(f"u{n}", Random(n), today))

    answer = trained("2026-05-31T02:00:00Z")

    reasons = {one["model"]: one["reason"] for one in answer["models"]}
    assert "learning begins at 500" in reasons["churn"]
    assert "What sells alone" in reasons["taste"]


def test_ten_million_customers_are_asked_for_and_as_many_are_read_as_can_be_held(
    aws: LocalAws, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    publish()
    today = now() // DAY_MS
    for n in (1, 2, 3):
        told(*orders(f"u{n}", Random(n), today))
    monkeypatch.setenv("RETRAIN_CUSTOMERS", "10000000")
    forget_settings()

    first = trained("2026-05-31T02:00:00Z")
    monkeypatch.setattr(retrain_function, "MOST_CUSTOMERS", 2)
    second = trained("2026-06-07T02:00:00Z")

    assert (first["portraits"], second["portraits"]) == (3, 2)
    assert {one["what"] for one in first["models"] if one["model"] == "churn"} == {"promoted"}
    said = [line for line in caplog.records if "fewer customers" in line.getMessage()]
    assert [(line.asked, line.most) for line in said] == [(10_000_000, 100_000), (10_000_000, 2)]


def test_a_model_says_by_which_source_it_was_trained(
    aws: LocalAws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    publish()
    told(*orders("u1", Random(1), now() // DAY_MS))
    assert revision.revision() == ""  # of a tree that was not built, nobody knows
    built = tmp_path / "REVISION"
    built.write_text("3c59dc048e8850243be8079a5c74d079f9f4ab6b\n")
    monkeypatch.setattr(revision, "FILE", built)

    version = trained("2026-05-31T02:00:00Z")["models"][0]["version"]

    key = f"models/churn/{version}/manifest.json"
    sealed = aws.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()
    manifest = registry.open_manifest(sealed, SECRET.encode(), name="churn", version=version)
    card = models.load("churn", version).card
    assert manifest.revision == card["revision"] == "3c59dc048e8850243be8079a5c74d079f9f4ab6b"


def test_a_shop_without_customers_learns_nothing(aws: LocalAws):
    publish()

    answer = trained("2026-05-31T02:00:00Z")

    assert {one["what"] for one in answer["models"]} == {"nothing_to_learn_from"}


def test_a_pointer_that_somebody_made_is_not_replaced_but_told(
    aws: LocalAws, caplog: pytest.LogCaptureFixture
):
    publish()
    today = now() // DAY_MS
    for n in (1, 2, 3):
        told(*orders(f"u{n}", Random(n), today))
    forged = registry.seal(registry.Pointer(name="churn", champion="mine"), b"a guess")
    aws.client("s3").put_object(Bucket=BUCKET, Key="models/churn/pointer.json", Body=forged)

    answer = trained("2026-05-31T02:00:00Z")

    (churn,) = [one for one in answer["models"] if one["model"] == "churn"]
    assert churn["what"] == "refused"
    (line,) = [one for one in caplog.records if one.levelname == "ERROR"]
    assert (line.getMessage(), line.model) == ("a model was refused", "churn")
    assert line.reason.startswith("model_unsigned")


def test_without_a_document_nothing_is_learned(aws: LocalAws):
    assert trained("2026-05-31T02:00:00Z")["reason"] == "there is no learning document"


def test_a_call_that_is_none_goes_back_alone(aws: LocalAws):
    publish()
    malformed = json.loads((EVENTS / "score/malformed_call.json").read_text())

    assert score(malformed, None) == {"batchItemFailures": []}  # nothing is done without a model


def test_the_deployed_functions_train_and_score(stack: Stack):
    (draft,) = read_folder(STARTERS / "learning")
    document = canonical(draft.definition)
    stack.client("dynamodb").put_item(
        TableName=stack.definitions_table,
        Item={
            "shelf": {"S": "current"}, "slot": {"S": "learning#default"}, "version": {"N": "1"},
            "document": {"S": json.dumps(document)}, "published_at": {"N": "1"},
        },
    )  # fmt: skip
    time.sleep(2)  # definitions are read again after a second

    learned = invoked(stack, "RetrainFunction", WEEKLY)
    again = invoked(stack, "RetrainFunction", WEEKLY)
    begun = invoked(stack, "ScoreFunction", NIGHTLY)

    assert {one["model"] for one in learned["models"]} == {"churn", "value", "taste", "response"}
    assert again["reason"] == "trained before"
    scoring = [one for one in learned["models"] if one["model"] != "taste"]
    promoted = [one for one in scoring if one["what"] == "promoted"]
    assert begun["models"] == len(promoted)


def invoked(stack: Stack, function: str, event: dict[str, Any]) -> dict[str, Any]:
    client = stack.client("lambda")
    names = [one["FunctionName"] for one in client.list_functions()["Functions"]]
    (name,) = [one for one in names if function in one]
    answer = client.invoke(FunctionName=name, Payload=json.dumps(event))
    said: dict[str, Any] = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, said
    return said
