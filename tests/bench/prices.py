"""List prices of AWS, us-east-1, on demand, without free tiers; and what is assumed of waiting."""

from collections.abc import Mapping

from tests.bench.aws.ledger import Ledger

AS_OF = "2026-08"
"""When these were last compared with the pages named beside them, as far as they were."""

DOLLARS: Mapping[str, float] = {
    "http_api": 1.00e-6,  # a request of up to 512 KB; aws.amazon.com/api-gateway/pricing
    "lambda_request": 0.20e-6,  # * aws.amazon.com/lambda/pricing
    "lambda_gb_second": 0.0000133334,  # * arm64; aws.amazon.com/lambda/pricing
    "sqs": 0.40e-6,  # * a request of up to 64 KB, standard queue; aws.amazon.com/sqs/pricing
    "dynamodb_write": 0.625e-6,  # a write request unit, on demand; aws.amazon.com/dynamodb/pricing
    "dynamodb_read": 0.125e-6,  # a read request unit
    "s3_put": 5.00e-6,  # * Standard; aws.amazon.com/s3/pricing
    "log_byte": 0.50e-9,  # * per GB ingested; aws.amazon.com/cloudwatch/pricing
    "eventbridge": 1.00e-6,  # a custom event of up to 64 KB; aws.amazon.com/eventbridge/pricing
    "scheduler": 1.00e-6,  # * a timer that fires; aws.amazon.com/eventbridge/pricing
    "secrets": 5.00e-6,  # * 0.05 per 10,000 calls; aws.amazon.com/secrets-manager/pricing
    "ses": 100.00e-6,  # * 0.10 per 1,000 e-mails; aws.amazon.com/ses/pricing
}
"""Price of one of each; those with * are known by heart and wait for a look at their page.

DynamoDB since its cut of November 2024. Reading a table's stream from Lambda costs nothing. Not
here, because they do not grow with events: storage, alarms, the secret ($0.40 a month), and idle
polling (about $0.26 a month for each queue).
"""

LOG_OVERHEAD_BYTES = 26
"""CloudWatch Logs bills this much for each line beside the line itself."""

WAIT_SECONDS: Mapping[str, float] = {
    "dynamodb": 0.005,
    "sqs": 0.008,
    "s3": 0.030,
    "secretsmanager": 0.010,
    "events": 0.015,
    "scheduler": 0.015,
    "email": 0.050,
}
"""Assumed: how long a function waits for one answer in its own region. Nothing here measures it."""

MB_PER_PROCESSOR = 1769
"""Memory at which a function has one whole processor. Source: Lambda Developer Guide, "Memory"."""


def gb_seconds(ledger: Ledger, memory_mb: int) -> float:
    """Estimate the billed time of a stage: its own processor time, and waiting one call at a time.

    The processor is that of this machine, slowed to the share that the memory buys.
    """
    slowdown = max(1.0, MB_PER_PROCESSOR / memory_mb)
    waiting = sum(WAIT_SECONDS[service] * n for (service, _), n in ledger.requests.items())
    return (ledger.cpu * slowdown + waiting) * memory_mb / 1024


def dollars(charges: Mapping[str, float]) -> float:
    """Return what the amounts cost."""
    return sum(DOLLARS[name] * amount for name, amount in charges.items())
