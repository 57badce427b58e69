"""Runs in a child of cold.py: what the first invocation costs after the import, and its memory."""

import json
import resource
import sys
from pathlib import Path
from typing import Any


def report(module: Any, request: str, *, imported: float, modules: int) -> str:
    """Invoke the module's handler with the request in the file, if there is one; return JSON."""
    found = {"imported": imported, "modules": modules, "resident": memory("VmRSS")}
    if request:
        found |= _invoke(module.handler, json.loads(Path(request).read_text()))
    return json.dumps(found)


def _invoke(handler: Any, asked: dict[str, Any]) -> dict[str, float]:
    """Return processor milliseconds, memory before, and the most memory there ever was."""
    # Only now: what the stand-in for AWS imports must not make the handler's own import cheaper.
    from tests.bench.aws.cloud import Cloud
    from tests.bench.aws.dynamodb import Index, Table
    from tests.bench.aws.wire import connected
    from tests.bench.meter import cpu_seconds

    tables = {
        name: Table(keys, [Index(*each) for each in indexes])
        for name, (keys, indexes, _) in asked["tables"].items()
    }
    for name, (_, _, items) in asked["tables"].items():
        for item in items:
            tables[name].put(item)
    with connected(Cloud(tables, secret=asked["secret"])) as cloud:
        before = memory("VmRSS")
        spent, answer = cpu_seconds(cloud, lambda: handler(asked["event"], _Context()))
    if answer.get("batchItemFailures") or answer.get("statusCode", 200) != 200:
        raise SystemExit(f"the first invocation failed: {answer}")
    return {"invoked": spent * 1000, "before": before, "peak": memory("VmHWM")}


class _Context:
    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def memory(field: str) -> int:
    """Return resident bytes now (VmRSS) or at most so far (VmHWM); macOS only knows the latter."""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith(field):
                return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
