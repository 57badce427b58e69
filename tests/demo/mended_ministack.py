"""Run MiniStack 1.5.33 with three things done as AWS does them; run by MiniStack's own interpreter.

Gzip bodies reach functions in base64. MiniStack goes by Content-Type alone and would decode gzip
that calls itself JSON as text, which destroys it; that is how rudder-sdk-python sends everything.

A schedule is named with its own group when permissions are checked, and not with `default`.

Layers are unpacked once. MiniStack would do it for every new worker: 2,000 files, a second each.
"""

import json
import tempfile
import threading
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ministack.app import main
from ministack.core import iam_actions, lambda_runtime
from ministack.services import apigateway

_invoke = apigateway._invoke_lambda_proxy
_resource_arn = iam_actions.extract_resource_arn


class _Encoded(dict[str, str]):
    """Headers of an encoded body: what they hold is unchanged, what they say the body is is not."""

    def get(self, name: str, default: Any = None) -> Any:
        return "application/octet-stream" if name == "content-type" else super().get(name, default)


async def _invoke_mended(
    integration: Any,
    api_id: Any,
    stage: Any,
    path: Any,
    method: Any,
    headers: Any,
    *rest: Any,
    **more: Any,
) -> Any:
    if "content-encoding" in headers:
        headers = _Encoded(headers)
    return await _invoke(integration, api_id, stage, path, method, headers, *rest, **more)


def _resource_arn_mended(
    service: str, method: str, path: str, headers: Any, body: bytes, query: Any, *rest: str
) -> str:
    arn: str = _resource_arn(service, method, path, headers, body, query, *rest)
    if service != "scheduler" or ":schedule/default/" not in arn:
        return arn
    asked = query.get("groupName", json.loads(body or b"{}").get("GroupName", "default"))
    group = asked[0] if isinstance(asked, list) else asked
    return arn.replace(":schedule/default/", f":schedule/{group}/")


class _UnpackedOnce(zipfile.ZipFile):
    """An archive whose content is put in place by links to one unpacked copy."""

    _copies: dict[tuple[tuple[str, int], ...], Path] = {}  # noqa: RUF012
    _unpacking = threading.Lock()

    def extractall(self, path: Any = None, *_: Any) -> None:
        content = tuple((each.filename, each.CRC) for each in self.infolist())
        with self._unpacking:
            if content not in self._copies:
                copy = Path(tempfile.mkdtemp(prefix="unpacked-"))
                super().extractall(copy)
                self._copies[content] = copy
        for unpacked in self._copies[content].iterdir():
            (Path(path) / unpacked.name).symlink_to(unpacked)


if __name__ == "__main__":
    apigateway._invoke_lambda_proxy = _invoke_mended
    iam_actions.extract_resource_arn = _resource_arn_mended
    lambda_runtime.zipfile = SimpleNamespace(**vars(zipfile) | {"ZipFile": _UnpackedOnce})
    main()
