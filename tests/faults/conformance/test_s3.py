"""Objects: putting, getting, listing by pages and folders, and preconditions."""

from typing import Any

import pytest

from tests.faults.conformance.worlds import World, outcome

KEYS = ["a/1", "a/2", "a/b/3", "c", "d/4", "ä"]


def _bucket(world: World) -> str:
    bucket = world.bucket()
    for key in KEYS:
        world.client("s3").put_object(Bucket=bucket, Key=key, Body=key.encode())
    return bucket


def listed(answer: dict[str, Any]) -> list[str]:
    return [one["Key"] for one in answer.get("Contents", [])]


@pytest.mark.parametrize("body", [b"", b"text", bytes(range(256))], ids=["none", "text", "bytes"])
def test_an_object_comes_back_as_it_went(world: World, body: bytes) -> None:
    bucket, s3 = world.bucket(), world.client("s3")
    s3.put_object(Bucket=bucket, Key="k", Body=body, ContentType="application/x-ndjson",
                  ContentEncoding="gzip")  # fmt: skip
    found = s3.get_object(Bucket=bucket, Key="k")
    assert found["Body"].read() == body
    assert found["ContentLength"] == len(body)
    assert (found["ContentType"], found["ContentEncoding"]) == ("application/x-ndjson", "gzip")


def test_a_put_replaces(world: World) -> None:
    bucket, s3 = world.bucket(), world.client("s3")
    first = s3.put_object(Bucket=bucket, Key="k", Body=b"one")
    second = s3.put_object(Bucket=bucket, Key="k", Body=b"two")
    assert first["ETag"] != second["ETag"]
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"two"


@pytest.mark.parametrize(
    ("operation", "code"), [("get_object", "NoSuchKey"), ("head_object", "404")]
)
def test_an_object_that_is_not_there(world: World, operation: str, code: str) -> None:
    call = getattr(world.client("s3"), operation)
    assert outcome(call, Bucket=world.bucket(), Key="gone") == code


def test_a_bucket_that_is_not_there(world: World) -> None:
    call = world.client("s3").put_object
    assert outcome(call, Bucket="nowhere-at-all", Key="k", Body=b"") == "NoSuchBucket"


def test_deleting_is_no_error_twice(world: World) -> None:
    bucket, s3 = _bucket(world), world.client("s3")
    for _ in range(2):
        s3.delete_object(Bucket=bucket, Key="c")
    assert listed(s3.list_objects_v2(Bucket=bucket)) == [key for key in KEYS if key != "c"]


def test_many_are_deleted_at_once(world: World) -> None:
    bucket, s3 = _bucket(world), world.client("s3")
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in KEYS[:5]]})
    assert listed(s3.list_objects_v2(Bucket=bucket)) == ["ä"]


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({}, KEYS),
        ({"Prefix": "a/"}, KEYS[:3]),
        ({"Prefix": "a/b"}, ["a/b/3"]),
        ({"Prefix": "none"}, []),
        ({"StartAfter": "a/2"}, KEYS[2:]),
        ({"StartAfter": "b"}, KEYS[3:]),
        ({"Prefix": "a/", "StartAfter": "a/1"}, KEYS[1:3]),
    ],
)
def test_a_list(world: World, request_: dict[str, Any], expected: list[str]) -> None:
    answer = world.client("s3").list_objects_v2(Bucket=_bucket(world), **request_)
    assert listed(answer) == expected
    assert answer["KeyCount"] == len(expected)
    assert answer["IsTruncated"] is False


def test_a_list_goes_on_where_its_page_ended(world: World) -> None:
    bucket, s3 = _bucket(world), world.client("s3")
    pages, more = [], {}
    while True:
        answer = s3.list_objects_v2(Bucket=bucket, MaxKeys=4, **more)
        pages.append(listed(answer))
        if not answer["IsTruncated"]:
            break
        more = {"ContinuationToken": answer["NextContinuationToken"]}
    assert pages == [KEYS[:4], KEYS[4:]]


@pytest.mark.parametrize(
    ("prefix", "keys", "folders"),
    [("", ["c", "ä"], ["a/", "d/"]), ("a/", ["a/1", "a/2"], ["a/b/"])],
)
def test_a_list_by_folders(world: World, prefix: str, keys: list[str], folders: list[str]) -> None:
    answer = world.client("s3").list_objects_v2(Bucket=_bucket(world), Prefix=prefix, Delimiter="/")
    assert listed(answer) == keys
    assert [one["Prefix"] for one in answer["CommonPrefixes"]] == folders


def test_a_put_may_insist_that_nothing_is_there(world: World) -> None:
    bucket, put = world.bucket(), world.client("s3").put_object
    request = {"Bucket": bucket, "Key": "k", "Body": b"x", "IfNoneMatch": "*"}
    assert [outcome(put, **request) for _ in range(2)] == ["ok", "PreconditionFailed"]


def test_a_put_may_insist_on_what_is_there(world: World) -> None:
    bucket, s3 = world.bucket(), world.client("s3")
    tag = s3.put_object(Bucket=bucket, Key="k", Body=b"one")["ETag"]
    request = {"Bucket": bucket, "Key": "k", "Body": b"two", "IfMatch": tag}
    assert [outcome(s3.put_object, **request) for _ in range(2)] == ["ok", "PreconditionFailed"]


def test_a_key_has_its_limit(world: World) -> None:
    bucket, put = world.bucket(), world.client("s3").put_object
    assert outcome(put, Bucket=bucket, Key="k" * 1024, Body=b"") == "ok"
    assert outcome(put, Bucket=bucket, Key="k" * 1025, Body=b"") == "KeyTooLongError"
