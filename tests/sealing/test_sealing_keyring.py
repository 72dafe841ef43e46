"""What the instance secret seals, derives and signs."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.sealing.keyring import SEALED, Keyring, UnknownKey, Unopenable, is_sealed, key_of

ONE, TWO = "one " * 10, "two " * 10
WORDS = st.text(string.ascii_letters + "._ ", max_size=20)


@given(plain=st.binary(max_size=300), purpose=WORDS, about=WORDS)
def test_what_is_sealed_opens_for_its_row_alone(plain: bytes, purpose: str, about: str) -> None:
    keyring = Keyring([ONE])
    sealed = keyring.seal(plain, purpose, about)
    assert is_sealed(sealed)
    assert keyring.open(sealed, purpose, about) == plain
    assert keyring.seal(plain, purpose, about) != sealed
    for other in ((purpose + "x", about), (purpose, about + "x"), (about + "y", purpose)):
        with pytest.raises(Unopenable):
            keyring.open(sealed, *other)


@given(data=st.data())
def test_a_changed_value_does_not_open(data: st.DataObject) -> None:
    keyring = Keyring([ONE])
    sealed = keyring.seal(b"a password", "carriers.settings", "car_1")
    at = data.draw(st.integers(0, len(sealed) - 1))
    letter = data.draw(st.sampled_from(sorted(set(string.printable) - {sealed[at]})))
    with pytest.raises(Unopenable):
        keyring.open(sealed[:at] + letter + sealed[at + 1 :], "carriers.settings", "car_1")


def test_the_purpose_and_the_row_are_told_apart() -> None:
    keyring = Keyring([ONE])
    sealed = keyring.seal(b"x", "a", "b\0c")
    with pytest.raises(Unopenable):
        keyring.open(sealed, "a\0b", "c")


def test_two_secrets_are_alive_and_one_seals() -> None:
    before, both, after = Keyring([ONE]), Keyring([TWO, ONE], Keyring([ONE]).current), Keyring([TWO])
    sealed = before.seal(b"x", "p", "r")
    assert both.open(sealed, "p", "r") == b"x"
    assert key_of(both.seal(b"x", "p", "r")) == before.current
    both.current = both.ids[0]
    newer = both.seal(b"x", "p", "r")
    assert after.open(newer, "p", "r") == b"x"
    with pytest.raises(UnknownKey):
        before.open(newer, "p", "r")
    assert both.derive("codes", before.current) == before.derive("codes")
    assert both.derive("codes") == after.derive("codes") != before.derive("codes")


def test_an_unknown_key_is_looked_for_once_more() -> None:
    known = [ONE]
    keyring = Keyring(known, again=lambda: known)
    newer = Keyring([TWO]).seal(b"x", "p", "r")
    with pytest.raises(UnknownKey):
        keyring.open(newer, "p", "r")
    known.insert(0, TWO)
    assert keyring.open(newer, "p", "r") == b"x"


def test_every_purpose_has_a_key_of_its_own() -> None:
    keyring = Keyring([ONE])
    keys = {keyring.derive(purpose) for purpose in ("a", "b", "seal a", "sign", "id")}
    assert len(keys) == 5
    assert {len(key) for key in keys} == {32}


def test_a_signature_is_verified_after_its_secret_was_replaced() -> None:
    before, after = Keyring([ONE]), Keyring([TWO])
    signature = before.sign(b"a checkpoint", "audit")
    assert before.verify(b"a checkpoint", signature, "audit")
    assert not before.verify(b"another", signature, "audit")
    assert not before.verify(b"a checkpoint", signature, "export")
    assert not before.verify(b"a checkpoint", signature[:-4] + "AAA=", "audit")
    with pytest.raises(UnknownKey):
        after.verify(b"a checkpoint", signature, "audit")
    after.remember({before.current: before.key(before.current).public})
    assert after.verify(b"a checkpoint", signature, "audit")
    assert not after.verify(b"another", signature, "audit")


def test_a_remembered_public_key_does_not_stand_for_a_known_secret() -> None:
    keyring, other = Keyring([ONE]), Keyring([TWO])
    forged = f"{keyring.current}.{other.sign(b'a checkpoint', 'audit').partition('.')[2]}"
    keyring.remember({keyring.current: other.key(other.current).public})
    assert not keyring.verify(b"a checkpoint", forged, "audit")
    assert keyring.verify(b"a checkpoint", keyring.sign(b"a checkpoint", "audit"), "audit")


def test_nothing_shows_a_secret() -> None:
    keyring = Keyring([ONE])
    assert ONE not in repr(keyring) + repr(keyring.key(keyring.current)) + keyring.seal(b"plain", "p", "r")
    with pytest.raises(Unopenable) as refusal:
        keyring.open(keyring.seal(b"plain", "p", "r"), "p", "other")
    assert "plain" not in str(refusal.value)
    with pytest.raises(Unopenable):
        keyring.open("whsec_plain", "p", "r")
    with pytest.raises(Unopenable):
        keyring.open(f"{SEALED}{keyring.current}:", "p", "r")
