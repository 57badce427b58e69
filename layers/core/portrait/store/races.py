"""Telling a lost race from a fault, in what PynamoDB raises."""

from pynamodb.exceptions import PynamoDBException

_RACES = {
    "ConditionalCheckFailed",
    "ConditionalCheckFailedException",
    "TransactionConflict",
    "TransactionConflictException",
}


def cause_of(error: PynamoDBException) -> str:
    """Return the code that AWS answered with; where it did not answer, what happened instead.

    PynamoDB's own `cause_response_code` fails on a lost connection, whose response is None.
    """
    response = getattr(error.cause, "response", None) or {}
    return response.get("Error", {}).get("Code") or type(error.cause).__name__


def is_refused(error: PynamoDBException) -> bool:
    """Tell whether a write failed because its condition did not hold, and for nothing else."""
    return cause_of(error) == "ConditionalCheckFailedException"


def is_race(error: PynamoDBException) -> bool:
    """Tell whether a write failed only because somebody else wrote first.

    A cancelled transaction is a race when every reason given for it is one: throttling beside a
    failed condition is a fault, and repeating the same write may succeed.
    """
    if cause_of(error) in _RACES:
        return True
    reasons = getattr(error, "cancellation_reasons", None) or ()
    codes = {reason.code for reason in reasons if reason is not None and reason.code != "None"}
    return bool(codes) and codes <= _RACES
