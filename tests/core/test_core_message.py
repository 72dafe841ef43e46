"""The message as a row, as a change and as people see it."""

import re
from importlib.resources import files

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.channels.sms.view import sms_view
from onesixty.core import message as m
from onesixty.core import statuses
from onesixty.core.message import Message

#: The members of the message object, and its times: the object is one schema everywhere.
MEMBERS = {
    "id", "status", "held_for", "direction", "channel", "from", "sender_used", "to", "text", "encoding", "segments",
    "flash", "binary", "udh", "template", "class",
    "priority", "price", "currency", "country", "network", "error", "notices", "reference", "tags", "batch_id",
    "campaign_id", "chain_id", "test", "duplicates",
    "created_at", "expires_at", "scheduled_at", "not_before", "queued_at", "sent_at", "redacted_at", "received_at",
    "incomplete", "delivered_at",
    "undelivered_at", "unconfirmed_at", "failed_at", "expired_at", "canceled_at",
}  # fmt: skip

text = st.text(max_size=20)
moment = st.integers(0, 2**48)
maybe = st.none() | text


def messages() -> st.SearchStrategy[Message]:
    by_type = {
        "str": text, "bool": st.booleans(), "int": st.integers(-(2**62), 2**62),
        "str | None": maybe, "int | None": st.none() | moment,
    }  # fmt: skip
    fields = {name: by_type[str(kind)] for name, kind in Message.__annotations__.items()}
    return st.builds(Message, **fields)


def example(**fields: object) -> Message:
    values: dict[str, object] = {
        "id": "msg_1", "account_id": "acc_1", "test": False, "sender": "Acme", "recipient": "+15551234567",
        "text": "hello", "encoding": "gsm7", "segments": 1, "class_": "otp", "created_at": 1_800_000_000_000,
        "expires_at": 1_800_000_300_000, "status": "queued",
    }  # fmt: skip
    return msgspec.convert(values | fields, Message)


@given(messages())
def test_a_message_comes_back_from_its_row(message: Message) -> None:
    assert m.from_row(msgspec.structs.astuple(message)) == message
    as_stored = tuple(int(v) if isinstance(v, bool) else v for v in msgspec.structs.astuple(message))
    assert m.from_row(as_stored) == message


def plain_messages() -> st.SearchStrategy[Message]:
    """Messages whose columns are the defaults, except a few."""
    some = st.sets(st.sampled_from([*m.PLAIN, "tags", "priority", "content", "sequence"]), max_size=3)
    return st.builds(
        lambda other, names: example(**{name: getattr(other, name) for name in names}), messages(), some
    )


@given(messages() | plain_messages())
def test_either_insert_writes_the_whole_message(message: Message) -> None:
    statement, row = m.insertion(message)
    if statement == "message_insert":
        assert row == msgspec.structs.astuple(message)
    else:
        assert example(**dict(zip(m.PLAIN, row, strict=True))) == message


def changes() -> st.SearchStrategy[tuple[Message, Message]]:
    """A message before and after a change of a few columns, or of all."""
    some = st.sets(st.sampled_from(m.MUTABLE), max_size=6)
    status = st.sampled_from([statuses.QUEUED, *m.USUAL_CHANGES])

    def pair(before: Message, other: Message, names: set[str], status: str) -> tuple[Message, Message]:
        changed = {name: getattr(other, name) for name in names} | {"status": status}
        return before, msgspec.structs.replace(before, **changed)

    return st.builds(pair, messages(), messages(), some | st.just(set(m.MUTABLE)), status)


@given(changes())
def test_a_change_writes_what_changed_and_is_guarded_by_the_version_before(
    change: tuple[Message, Message],
) -> None:
    before, after = change
    statement, row = m.changing(before, after)
    assert row[:2] == (after.id, before.version)
    usual = dict(m.USUAL_CHANGES.values())
    written = dict(zip(usual.get(statement, m.MUTABLE), row[2:], strict=True))
    assert msgspec.structs.replace(before, **written) == after


@pytest.mark.parametrize("status", list(m.USUAL_CHANGES))
def test_a_usual_change_has_a_statement_of_its_own(status: str) -> None:
    statement, _ = m.USUAL_CHANGES[status]
    before = example()
    after = msgspec.structs.replace(before, status=status, version=2, sequence=1)
    assert m.changing(before, after)[0] == statement
    assert m.changing(before, msgspec.structs.replace(after, duplicates=1))[0] == "message_change"


def params_of(statement: str) -> list[str]:
    sql = files("onesixty.messages").joinpath("statements.sql").read_text()
    part = sql.split(f"-- name: {statement}\n")[1]
    comment = []
    for line in part[part.index("-- params:") :].splitlines():
        if not line.startswith("--"):
            break
        comment.append(line.lstrip("- "))
    return [param.split()[0] for param in " ".join(comment).removeprefix("params:").split(",")]


def test_the_rows_are_the_params_of_their_statements() -> None:
    assert params_of("message_insert") == list(m.COLUMNS)
    assert params_of("message_insert_plain") == list(m.PLAIN)
    assert params_of("message_change") == ["id", "old_version", *m.MUTABLE]
    for statement, names in m.USUAL_CHANGES.values():
        assert params_of(statement) == ["id", "old_version", *names]
    assert params_of("attempt_insert") == list(m.Attempt.__struct_fields__)


@given(messages())
def test_what_a_change_may_not_set_is_what_was_fixed_at_acceptance(message: Message) -> None:
    fixed = m.COLUMNS[: m.COLUMNS.index("status")]
    assert {"text", "recipient", "price", "expires_at", "account_id"} <= set(fixed)
    assert not set(fixed) & set(m.MUTABLE)


def test_everybody_sees_the_same_members() -> None:
    assert set(sms_view(example())) == MEMBERS
    assert set(sms_view(example(status="failed", error_code="sender_refused", done_at=5))) == MEMBERS


def test_carriers_and_costs_are_not_for_customers() -> None:
    view = sms_view(example(carrier_id="car_x", route_id="rte_x", carriers_tried="car_y"))
    assert "car_" not in str(view)
    assert "rte_" not in str(view)


def test_an_error_says_what_can_be_done() -> None:
    """Every error has a retryable flag."""
    view = sms_view(example(status="failed", error_code="sender_refused", carrier_code="0x0a", done_at=5))
    assert view["error"] == {
        "code": "sender_refused",
        "title": "The carrier refused the sender.",
        "retryable": False,
        "scope": "sender",
        "carrier_code": "0x0a",
    }


@pytest.mark.parametrize("status", sorted(statuses.TERMINAL - {"received"}))
def test_each_end_has_its_time(status: str) -> None:
    view = sms_view(example(status=status, done_at=1_800_000_000_250))
    assert view[f"{status}_at"] == "2027-01-15T08:00:00.250Z"
    others = statuses.TERMINAL - {status, "received"}
    assert all(view[f"{other}_at"] is None for other in others)


def test_times_and_money_and_tags_as_the_api_writes_them() -> None:
    view = sms_view(example(price=7500, tags='["a","b"]', scheduled_at=1_800_000_000_000))
    assert view["price"] == "0.0075"
    assert view["tags"] == ["a", "b"]
    assert re.fullmatch(r"[\d-]+T[\d:.]+Z", view["scheduled_at"])


def test_a_redacted_message_shows_no_text() -> None:
    view = sms_view(example(status="delivered", redacted_at=5, text="secret", recipient=""))
    assert view["text"] is None
    assert "secret" not in str(view)


@pytest.mark.parametrize("status", statuses.ALL)
def test_which_messages_are_final(status: str) -> None:
    assert m.is_final(example(status=status)) == (status in statuses.TERMINAL)
