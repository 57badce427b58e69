"""JSON Schema of every kind of document, for editors that check and complete while typing."""

import json
from pathlib import Path
from typing import Any

from portrait.definitions.documents import KINDS


def schema(kind: str) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) that documents of `kind` follow."""
    generated = KINDS[kind].json_schema(by_alias=True, mode="validation")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Portrait {kind}",
        **_plain(generated),
    }


def write_schemas(folder: Path) -> list[Path]:
    """Write `<kind>.schema.json` for each kind and return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for kind in KINDS:
        path = folder / f"{kind}.schema.json"
        path.write_text(json.dumps(schema(kind), indent=2, ensure_ascii=False) + "\n", "utf-8")
        paths.append(path)
    return paths


def _plain(node: Any) -> Any:
    """Leave out what pydantic adds and no author needs: field titles, and null for not given."""
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if not isinstance(node, dict):
        return node
    left_out = {"default"} if node.get("default", "") is None else set()
    if isinstance(node.get("title"), str):
        left_out.add("title")
    plain = {name: _plain(value) for name, value in node.items() if name not in left_out}
    choices = [choice for choice in plain.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) == 1:
        del plain["anyOf"]
        plain = {**choices[0], **plain}
    return plain
