"""The revision of the source that the package was built from, as git names it."""

from pathlib import Path

FILE = Path(__file__).with_name("REVISION")
"""Written by `models/Makefile`; a tree that was not built has none."""


def revision() -> str:
    """Return it, with `-dirty` where the source was changed since; empty where nobody knows."""
    return FILE.read_text().strip() if FILE.is_file() else ""
