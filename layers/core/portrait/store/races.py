"""Telling a lost race from a fault, in what PynamoDB raises."""

from pynamodb.exceptions import PynamoDBException

_RACES = {
    "ConditionalCheckFailed",
    "ConditionalCheckFailedException",
    "TransactionConflict",
    "TransactionConflictException",
}


def is_race(error: PynamoDBException) -> bool:
    """Tell whether a write failed only because somebody else wrote first.

    A cancelled transaction is a race when every reason given for it is one: throttling beside a
    failed condition is a fault, and repeating the same write may succeed.
    """
    if error.cause_response_code in _RACES:
        return True
    reasons = getattr(error, "cancellation_reasons", None) or ()
    codes = {reason.code for reason in reasons if reason is not None and reason.code != "None"}
    return bool(codes) and codes <= _RACES
