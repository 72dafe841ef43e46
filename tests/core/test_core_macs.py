"""HMAC-SHA256, held to the one of the standard library."""

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.core.macs import mac


@pytest.mark.parametrize("length", [0, 1, 32, 63, 64, 65, 200])
def test_keys_of_every_length(length: int) -> None:
    key = bytes(range(length))
    assert mac(key, b"said") == hmac.digest(key, b"said", "sha256")


@given(st.binary(max_size=100), st.lists(st.binary(max_size=200), max_size=4))
def test_a_key_is_used_again(key: bytes, said: list[bytes]) -> None:
    assert [mac(key, one) for one in said] == [hmac.digest(key, one, "sha256") for one in said]
