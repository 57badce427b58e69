"""Who is held out for comparison, by the hash that anybody can compute."""

PROGRAMME_SEED, PROGRAMME_CONTROL = "programme", 0.05


def arm(campaign: str, subject: str, control: float, *, service: bool = False) -> str:
    """Return `control` for the campaign's share and for the programme's, else `treated`.

    The programme's group is held out of everything but service messages.
    """
    held_out = bucket(campaign, subject) < control
    if not service:
        held_out = held_out or bucket(PROGRAMME_SEED, subject) < PROGRAMME_CONTROL
    return "control" if held_out else "treated"


def bucket(seed: str, subject: str) -> float:
    """Return where a subject falls in [0, 1).

    Source: GrowthBook SDK documentation, hash version 2: FNV-1a (32 bits) of the decimal FNV-1a
    of seed and id, modulo 10,000.
    """
    return _fnv1a(str(_fnv1a(seed + subject))) % 10_000 / 10_000


def _fnv1a(text: str) -> int:
    value = 2_166_136_261
    for byte in text.encode("ascii"):
        value = ((value ^ byte) * 16_777_619) % 2**32
    return value
