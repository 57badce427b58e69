"""Control groups: who is held out, decided by a hash that anyone can recompute."""

from typing import Literal

Arm = Literal["control", "treated"]


def bucket(seed: str, subject: str) -> float:
    """Return where `subject` falls on [0, 1), in steps of 0.0001, independently for each `seed`.

    Source: GrowthBook's hash version 2, the FNV-1a hash taken twice; its clients share the test
    vectors that ours is tested with.
    """
    return _fnv1a32(str(_fnv1a32(seed + subject))) % 10_000 / 10_000


def arm(seed: str, subject: str, control_share: float) -> Arm:
    """Hold out `subject` when its bucket lies below `control_share` (0 to 1).

    Raising the share only moves subjects from treated to control, never back.
    """
    return "control" if bucket(seed, subject) < control_share else "treated"


def _fnv1a32(text: str) -> int:
    # Its clients hash characters, not UTF-8 bytes; on our seeds and subjects (ASCII) both agree.
    value = 0x811C9DC5
    for character in text:
        value = (value ^ ord(character)) * 0x01000193 & 0xFFFFFFFF
    return value
