"""Homes and message hashes: keyed with primitives that anybody can compute."""

import hmac
from base64 import b32encode
from hashlib import blake2b

from hypothesis import given
from hypothesis import strategies as st

from portrait.identity import home
from portrait.seen import HASH_SIZE, message_hash

SECRETS = st.binary(min_size=1, max_size=130)
"""Shorter and longer than a block of the hash (64 bytes), which takes them in differently."""


@given(secret=SECRETS, value=st.text(max_size=80))
def test_a_home_is_the_rank_and_128_bits_of_hmac_sha_256(secret, value):
    digest = hmac.digest(secret, f"email\0{value}".encode(), "sha256")[:16]

    expected = b32encode(digest).decode().rstrip("=").lower()

    assert home(secret, "email", value) == f"c{expected}"


@given(secret=SECRETS, id_=st.text(max_size=80))
def test_a_message_hash_is_keyed_blake2b_of_source_and_id(secret, id_):
    expected = blake2b(f"web\0{id_}".encode(), digest_size=HASH_SIZE, key=secret[:64]).digest()

    assert message_hash(secret, "web", id_) == expected
