"""S3 in memory: whole objects in buckets.

Source: Amazon S3 API Reference.
"""

import hashlib
import io
from collections.abc import Callable, Mapping
from typing import Any

from botocore.response import StreamingBody

from tests.faults.aws.refusals import Refused

Request = Mapping[str, Any]
MAX_KEYS = 1000
MAX_KEY_BYTES = 1024


class S3:
    """Buckets by name, each the bytes of its objects by key.

    Attributes:
        told: what else was said of each object, such as its content type.
    """

    def __init__(self) -> None:
        self.buckets: dict[str, dict[str, bytes]] = {}
        self.told: dict[tuple[str, str], dict[str, Any]] = {}
        self._operations: dict[str, Callable[[Request], dict[str, Any]]] = {
            "DeleteObject": self._delete,
            "DeleteObjects": self._delete_many,
            "GetObject": self._get,
            "HeadObject": self._head,
            "ListObjectsV2": self._list,
            "PutObject": self._put,
        }

    def answer(self, operation: str, request: Request, fault: str = "") -> dict[str, Any]:
        """Do what the request says.

        Raises:
            Refused: there is no such bucket or object, or a precondition failed.
        """
        if request["Bucket"] not in self.buckets:
            raise Refused("NoSuchBucket", "The specified bucket does not exist", status=404)
        return self._operations[operation](request)

    def _put(self, request: Request) -> dict[str, Any]:
        name, key, body = request["Bucket"], request["Key"], request.get("Body", b"")
        if len(key.encode()) > MAX_KEY_BYTES:
            raise Refused("KeyTooLongError", "Your key is too long")
        bucket = self.buckets[name]
        there = bucket.get(key)
        matches = request.get("IfMatch")
        if (request.get("IfNoneMatch") == "*" and there is not None) or (
            matches is not None and there is not None and matches != etag(there)
        ):
            raise _PRECONDITION
        if matches is not None and there is None:
            raise _missing("NoSuchKey")
        if isinstance(body, str):
            body = body.encode()
        bucket[key] = (
            body if isinstance(body, bytes) else bytes(getattr(body, "read", lambda: body)())
        )
        told = ("ContentType", "ContentEncoding", "Metadata")
        self.told[name, key] = {field: request[field] for field in told if field in request}
        return {"ETag": etag(bucket[key])}

    def _get(self, request: Request) -> dict[str, Any]:
        head = self._head(request, missing="NoSuchKey")
        body = self.buckets[request["Bucket"]][request["Key"]]
        return {**head, "Body": StreamingBody(io.BytesIO(body), len(body))}

    def _head(self, request: Request, missing: str = "404") -> dict[str, Any]:
        body = self.buckets[request["Bucket"]].get(request["Key"])
        if body is None:
            raise _missing(missing)
        told = self.told[request["Bucket"], request["Key"]]
        return {"ETag": etag(body), "ContentLength": len(body), **told}

    def _delete(self, request: Request) -> dict[str, Any]:
        self.buckets[request["Bucket"]].pop(request["Key"], None)
        self.told.pop((request["Bucket"], request["Key"]), None)
        return {}

    def _delete_many(self, request: Request) -> dict[str, Any]:
        objects = request["Delete"]["Objects"]
        if not 1 <= len(objects) <= MAX_KEYS:
            raise Refused("MalformedXML", "The XML you provided was not well-formed")
        for one in objects:
            self._delete({"Bucket": request["Bucket"], "Key": one["Key"]})
        return {"Deleted": [{"Key": one["Key"]} for one in objects]}

    def _list(self, request: Request) -> dict[str, Any]:
        bucket, prefix = self.buckets[request["Bucket"]], request.get("Prefix", "")
        after = request.get("ContinuationToken") or request.get("StartAfter", "")
        limit = min(request.get("MaxKeys", MAX_KEYS), MAX_KEYS)
        found = _grouped(sorted(bucket), prefix, request.get("Delimiter", ""))
        rest = [one for one in found if one[0] > after]
        shown = rest[:limit]
        answer: dict[str, Any] = {
            "Name": request["Bucket"],
            "Prefix": prefix,
            "MaxKeys": limit,
            "KeyCount": len(shown),
            "IsTruncated": len(rest) > len(shown),
        }
        if keys := [key for key, is_object in shown if is_object]:
            answer["Contents"] = [
                {"Key": key, "Size": len(bucket[key]), "ETag": etag(bucket[key])} for key in keys
            ]
        if folders := [key for key, is_object in shown if not is_object]:
            answer["CommonPrefixes"] = [{"Prefix": folder} for folder in folders]
        if answer["IsTruncated"] and shown:
            answer["NextContinuationToken"] = shown[-1][0]
        return answer


_PRECONDITION = Refused(
    "PreconditionFailed",
    "At least one of the pre-conditions you specified did not hold",
    status=412,
)


def etag(body: bytes) -> str:
    """Return the tag of an object that was put in one piece."""
    return f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'


def _grouped(keys: list[str], prefix: str, delimiter: str) -> list[tuple[str, bool]]:
    """Return keys, and once each the common prefixes of those that lie deeper."""
    found: dict[tuple[str, bool], None] = {}
    for key in keys:
        if not key.startswith(prefix):
            continue
        end = key.find(delimiter, len(prefix)) if delimiter else -1
        found[(key, True) if end < 0 else (key[: end + len(delimiter)], False)] = None
    return sorted(found)


def _missing(code: str) -> Refused:
    return Refused(code, "The specified key does not exist.", status=404)
