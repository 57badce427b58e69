"""The one clock of a simulation."""

START_MS = 1_772_366_400_000
"""2026-03-01T12:00:00Z: late enough for every credential, and any fixed moment does."""


class Clock:
    """UTC milliseconds that pass only when somebody says so, and never run backwards."""

    def __init__(self, now_ms: int = START_MS) -> None:
        self.now_ms = now_ms

    def advance(self, ms: float) -> None:
        """Let time pass; parts of a millisecond count as a whole one.

        Raises:
            ValueError: `ms` is negative.
        """
        if ms < 0:
            raise ValueError(f"time does not run backwards, asked for {ms} ms")
        self.now_ms += -int(-ms // 1)

    def advance_to(self, moment_ms: int) -> None:
        """Let time pass until `moment_ms`; nothing happens where that is past."""
        self.now_ms = max(self.now_ms, moment_ms)
