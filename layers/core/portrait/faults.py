"""What can go wrong, as types.

Fault
├── Rejected            it can never succeed: quarantine it with its reason, and acknowledge it
├── Unavailable         a passing fault: leave the record on its queue, or answer 503
└── Conflict            somebody else wrote first: read again and redo the work
"""


class Fault(Exception):
    """Root of every error this product raises on purpose."""


class Rejected(Fault):
    """A record that no retry can save.

    Args:
        reason: typed, snake_case, stable: it names the quarantine folder and the metric.
        message: one sentence that says what was expected; never carries the payload.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(f"{reason}: {message}")
        self.reason = reason
        self.message = message


class Unavailable(Fault):
    """A dependency did not answer; the same work may succeed later."""


class Conflict(Fault):
    """A conditional write found another version than the one that was read."""
