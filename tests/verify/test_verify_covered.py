"""Covered texts: the mask costs what the code costs, and only connectors see the code."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty import text
from onesixty.core import outcomes
from onesixty.core.clock import SystemClock
from onesixty.core.covered import Unrevealable
from onesixty.core.message import Message
from onesixty.core.outcomes import Outcome
from onesixty.sealing.keyring import Keyring
from onesixty.templates import ready
from onesixty.verify import codes
from onesixty.verify.binding import BindTo
from onesixty.verify.covered import AFTER_END_MS, MASK, MEMOS, Covered, Memo
from onesixty.verify.secrets import Secrets
from onesixty.verify.texts import ReadyWording, Values, with_ending
from tests.support.clock import ManualClock
from tests.support.message_path import Node
from tests.support.path_fixtures import new_node
from tests.support.sealing import KEYRING
from tests.support.secrecy import tells
from tests.support.waiting import wait_until_async

__all__ = ["new_node"]

SECRETS = Secrets(KEYRING)
ID = "ver_01h455vb4pex5vsknk084sn02q"


def memo(at: tuple[int, ...] = (0,), **fields: Any) -> Memo:
    known: dict[str, Any] = {
        "id": ID, "generation": 1, "seed": "00" * 16, "key": SECRETS.key_id, "alphabet": "digits", "length": 6,
        "at": at,
    }  # fmt: skip
    return Memo(**known | fields)


def code_of(one: Memo) -> str:
    return SECRETS.derived(one.id, one.generation, one.seed, one.key, one.alphabet, one.length)


def message(words: str, one: Memo | None) -> Message:
    return Message(
        id="msg_1", account_id="acc_1", test=False, sender="Acme", recipient="+15551234567", text=words,
        encoding="gsm7", segments=1, class_="otp", created_at=0, expires_at=0, status="queued",
        origin=None if one is None else MEMOS.write(one),
    )  # fmt: skip


@given(
    st.text(alphabet=st.sampled_from("abc é€Ж😀@*\n"), max_size=160),
    st.sampled_from(sorted(codes.CHARACTERS)),
    st.integers(codes.SHORTEST, codes.LONGEST),
    st.integers(0, 160),
)
def test_a_mask_takes_as_many_segments_as_its_code(
    words: str, alphabet: str, length: int, place: int
) -> None:
    place = min(place, len(words))
    code = codes.CHARACTERS[alphabet][:length].ljust(length, "7")
    real, covered = (words[:place] + one + words[place:] for one in (code, MASK * length))
    try:
        counted = text.count(real)
    except text.TextError:
        with pytest.raises(text.TextError):
            text.count(covered)
        return
    assert text.count(covered) == counted


def test_a_text_is_revealed_at_all_its_places() -> None:
    words = with_ending(
        ReadyWording(ready.text("en")).worded(Values("Acme", 600_000), 6),
        lambda code: f"\n@x.example #{code}",
        6,
    )
    assert words.text == (
        "Acme: verification code ******. Expires in 10 minutes. Don't share it.\n@x.example #******"
    )
    one = memo(words.at)
    revealed = Covered(SECRETS, SystemClock()).reveal(message(words.text, one))
    code = code_of(one)
    assert revealed.text == words.text.replace("******", code)
    assert words.with_code(code) == revealed.text


@pytest.mark.parametrize("language", ready.languages())
def test_every_language_has_the_code_and_what_it_is_for(language: str) -> None:
    payment = BindTo(amount="49.90", currency="EUR", payee="Shop")
    for purpose, bound in (
        ("verification", None),
        ("payment", payment),
        ("verification", BindTo(device="Pixel 9")),
    ):
        wording = ReadyWording(ready.text(language, purpose))  # type: ignore[arg-type]
        words = wording.worded(Values("Acme", 599_999, bound), 8)
        assert [words.text[at : at + 8] for at in words.at] == ["*" * 8]
        assert "Acme" in words.text
        assert "10" in words.with_code("12345678"), "the whole minutes that remain"
        if bound is not None:
            assert (bound.payee or bound.device or "") in words.text


def test_a_plain_message_is_revealed_as_itself() -> None:
    covered = Covered(SECRETS, SystemClock())
    for origin in (None, '{"door":"smpp","x":1}'):
        plain = message("hello", None)
        plain.origin = origin
        assert covered.reveal(plain) is plain
        assert covered.cover(plain, "482931") == "482931"
    assert not covered.covers("+15551234567")


def test_a_code_whose_secret_is_gone_is_not_revealed() -> None:
    other = Covered(Secrets(Keyring(["another secret of the same length"])), SystemClock())
    with pytest.raises(Unrevealable):
        other.reveal(message("******", memo()))
    with pytest.raises(Unrevealable):
        other.reveal(message("******", memo(sealed=SECRETS.seal("482931", ID))))


def test_a_callers_code_is_sealed_for_its_verification() -> None:
    sealed = SECRETS.seal("AB12CD", ID)
    assert "AB12CD" not in sealed
    assert Covered(SECRETS, SystemClock()).reveal(message("******", memo(sealed=sealed))).text == "AB12CD"
    with pytest.raises(Unrevealable):
        Covered(SECRETS, SystemClock()).reveal(message("******", memo(id="ver_2", sealed=sealed)))


def test_captures_of_a_number_are_covered_as_long_as_its_answers() -> None:
    clock = ManualClock(0)
    covered = Covered(SECRETS, clock)
    covered.reveal(message("******", memo()))
    for written in ("+15551234567", "15551234567", "5551234567"):
        assert covered.covers(written)
    assert not covered.covers("+15551234568")
    clock.ms = AFTER_END_MS
    assert not covered.covers("+15551234567")


def test_all_numbers_are_covered_while_they_are_more_than_can_be_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("onesixty.verify.covered.MOST_REMEMBERED", 2)
    clock = ManualClock(0)
    covered = Covered(SECRETS, clock)
    for place in range(3):
        sent = message("******", memo())
        sent.recipient = f"+1555123456{place}"
        covered.reveal(sent)
        assert covered.covers("+15559999999") is (place == 2)
    assert covered.covers("+15551234560")
    clock.ms = AFTER_END_MS
    assert not covered.covers("+15559999999")


async def test_only_the_connector_sees_the_code(new_node: Callable[..., Awaitable[Node]]) -> None:
    """What is submitted has the code; what is kept, told and answered has the mask."""
    node = await new_node(revealer=Covered(SECRETS, SystemClock()))
    carrier = node.carriers["car_a"]
    one = memo((5,))
    code = code_of(one)
    order = node.order("code ****** for you")
    order.origin = MEMOS.write(one)
    (made,) = await node.intake.accept([order])
    assert isinstance(made, Message)
    await wait_until_async(lambda: len(carrier.submissions) == 1)
    submission = carrier.submissions[0]
    assert submission.message.text == f"code {code} for you"
    said = Outcome(outcomes.PERMANENT, code="message_refused", carrier_code=f"bad text: {code}")
    carrier.answer(submission, 0, said)
    await node.until_idle()
    after = await node.get(made.id)
    assert after.text == "code ****** for you"
    assert after.carrier_code == "bad text: ******"
    assert not tells(msgspec.to_builtins(after), code)


def test_what_a_start_takes_is_no_minute() -> None:
    """Ten minutes are told as ten, although some milliseconds have gone."""
    told = [Values("Acme", remaining).minutes for remaining in (600_000, 599_950, 590_000, 120_000, 30_000)]
    assert told == [10, 10, 9, 2, 1]
