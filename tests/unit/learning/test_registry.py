"""Only what this stack published, whole and unchanged, is ever read as a model."""

import pickle

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portrait.faults import Rejected
from portrait.learning.registry import (
    ARTEFACT,
    EXPORT,
    Pointer,
    manifest_of,
    open_manifest,
    open_pointer,
    promoted,
    read_json,
    rolled_back,
    seal,
    verified,
)

SECRET = b"the secret of this stack"
FILES = {EXPORT: b'{"format":1}' * 40, ARTEFACT: bytes(range(256)) * 8}
NOW = 1_779_940_800_000


def a_manifest(name: str = "churn", now: int = NOW):
    return manifest_of(name, FILES, now=now, libraries={"numpy": "2.5.5"})


def reason(function, *arguments, **options) -> str:
    with pytest.raises(Rejected) as refusal:
        function(*arguments, **options)
    return refusal.value.reason


def opened(sealed: bytes, secret: bytes = SECRET, name: str = "churn"):
    return open_manifest(sealed, secret, name=name, version=a_manifest().version)


def test_what_was_published_is_read():
    manifest = opened(seal(a_manifest(), SECRET))

    assert manifest == a_manifest()
    assert manifest.version.startswith("20260528T040000-")
    assert {file: verified(content, manifest, file) for file, content in FILES.items()} == FILES


@given(st.sampled_from(sorted(FILES)), st.data())
def test_a_file_with_any_bit_turned_is_refused(file, data):
    content = bytearray(FILES[file])
    place = data.draw(st.integers(0, 8 * len(content) - 1))
    content[place // 8] ^= 1 << place % 8

    assert reason(verified, bytes(content), a_manifest(), file) == "model_tampered"


@given(st.data())
def test_a_manifest_with_any_bit_turned_is_refused(data):
    sealed = bytearray(seal(a_manifest(), SECRET))
    place = data.draw(st.integers(0, 8 * len(sealed) - 1))
    sealed[place // 8] ^= 1 << place % 8

    assert reason(opened, bytes(sealed)) == "model_unsigned"


@pytest.mark.parametrize("length", [0, 1, len(FILES[ARTEFACT]) - 1])
def test_a_file_that_is_cut_off_is_refused(length):
    cut = FILES[ARTEFACT][:length]
    assert reason(verified, cut, a_manifest(), ARTEFACT) == "model_truncated"


class Bomb:
    def __reduce__(self):
        return (pytest.fail, ("a pickle was opened that nobody had verified",))


def test_a_pickle_in_the_place_of_a_file_is_refused_unopened():
    bomb = pickle.dumps(Bomb())
    padded = bomb + b"." * (len(FILES[ARTEFACT]) - len(bomb))

    assert reason(verified, bomb, a_manifest(), ARTEFACT) == "model_truncated"
    assert reason(verified, padded, a_manifest(), ARTEFACT) == "model_tampered"
    assert reason(opened, bomb) == "model_unsigned"


def test_a_file_that_the_manifest_does_not_name_is_refused():
    assert reason(verified, b"", a_manifest(), "extra.joblib") == "model_foreign"


def test_a_manifest_of_another_stack_is_refused():
    assert reason(opened, seal(a_manifest(), b"another secret")) == "model_unsigned"


def test_a_manifest_of_another_model_or_version_is_refused():
    assert reason(opened, seal(a_manifest("value"), SECRET)) == "model_foreign"
    assert reason(opened, seal(a_manifest(now=NOW + 1000), SECRET)) == "model_foreign"


def test_a_pointer_is_no_manifest_and_the_other_way_round():
    pointer = Pointer(name="churn", champion="a")

    assert reason(opened, seal(pointer, SECRET)) == "model_unsigned"
    assert reason(open_pointer, seal(a_manifest(), SECRET), SECRET, name="churn") == (
        "model_unsigned"
    )
    assert reason(open_pointer, seal(pointer, SECRET), SECRET, name="value") == "model_foreign"


def test_a_format_of_a_later_version_is_refused():
    later = seal(msgspec.structs.replace(a_manifest(), format=2), SECRET)
    assert reason(opened, later) == "unknown_model_format"


def test_a_file_that_is_no_json_is_refused():
    assert reason(read_json, b"[1") == "unknown_model_format"


def test_going_back_twice_is_where_one_was():
    first = promoted(None, "churn", "a", 1)
    second = promoted(first, "churn", "b", 2)

    assert (first.champion, first.previous) == ("a", "")
    assert (second.champion, second.previous) == ("b", "a")
    assert (rolled_back(second, 3).champion, rolled_back(second, 3).previous) == ("a", "b")
    assert rolled_back(rolled_back(second, 3), 4).champion == "b"


def test_where_nothing_was_before_there_is_no_going_back():
    assert reason(rolled_back, promoted(None, "churn", "a", 1), 2) == "no_previous_model"
