"""Let the models learn anew, and put those in force that pass their gates."""

import random
import time
from typing import Any, Protocol

from aws_lambda_powertools import Logger

from models.publication import Outcome, Publication
from models.retraining import Customers, Retraining
from models.revision import revision
from portrait.learning.exposures import lots
from portrait.settings import get_settings
from portrait.store import definitions, models, segment_sizes, trainings

logger = Logger(service="retrain")

SEED = 5
"""One for every week: a model changes by what customers did, not by how folds were drawn."""

READING_S = 420
"""How long portraits are read at most; what is left of 15 minutes is for training."""

MOST_CUSTOMERS = 100_000
"""What the function's memory and time are for, whatever it is asked for: four windows of each."""


class Context(Protocol):
    """What Lambda tells of an invocation; it is the same for its retries."""

    aws_request_id: str


def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Train every model once per occurrence of the schedule; the answer is for who invokes it.

    Who invokes it by hand may name gates to be passed this once: `{"accept": ["horizon"]}`, after
    a deliberate change that they would take for a fault.
    """
    now = _now()
    occurrence = str(event.get("time") or time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
    owner = context.aws_request_id
    if not trainings.claim(occurrence, owner, now=now):
        # The same moment told twice, or a retry after it was over.
        logger.info("trained before", extra={"occurrence": occurrence})
        return {"models": [], "reason": "trained before"}
    catalogue = definitions.catalogue(now)
    if catalogue.learning is None:
        trainings.end(occurrence, owner, now=_now())
        reason = "there is no learning document"
        logger.info(reason)
        return {"models": [], "reason": reason}
    customers = _sample()
    accepted = tuple(map(str, event.get("accept", ())))
    publication = Publication(models, _now, accepted, revision())
    drawn = lots(catalogue.newest.values(), catalogue.policy)
    training = Retraining(catalogue.learning, catalogue.models, publication, _now, SEED, drawn)
    outcomes = training.run(customers)
    for outcome in outcomes:
        _tell(outcome)
    trainings.end(occurrence, owner, now=_now())
    counts = {"portraits": customers.read, "objectors": customers.objectors,
              "unreadable": customers.unreadable}  # fmt: skip
    logger.info("trained", extra=counts)
    return {"models": [outcome._asdict() for outcome in outcomes], **counts}


def _sample() -> Customers:
    asked = get_settings().retrain_customers
    if asked > MOST_CUSTOMERS:
        logger.warning("fewer customers are read than asked for",
                       extra={"asked": asked, "most": MOST_CUSTOMERS})  # fmt: skip
    total, deadline = segment_sizes.slices(), time.monotonic() + READING_S
    order = random.sample(range(total), total)
    return Customers(
        (segment_sizes.portraits_in(each, total) for each in order),
        enough=min(asked, MOST_CUSTOMERS),
        in_time=lambda: time.monotonic() < deadline,
    )


def _tell(outcome: Outcome) -> None:
    said = {"model": outcome.model, "version": outcome.version, "rows": outcome.rows,
            "reason": outcome.reason, "seconds": round(outcome.seconds, 1)}  # fmt: skip
    if outcome.suspect:
        logger.error("a model was refused", extra=said | {"reason": outcome.suspect})
    if outcome.what != "refused":
        logger.info(f"a model was {outcome.what}", extra=said)
        return
    for refusal in outcome.refusals:
        logger.warning("a model was refused", extra=said | {"gate": refusal._asdict()})


def _now() -> int:
    return time.time_ns() // 1_000_000
