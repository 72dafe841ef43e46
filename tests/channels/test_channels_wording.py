"""What an order says beside plain text becomes a message, and is refused by name where it cannot."""

from base64 import b64encode
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from onesixty.channels.sms.content import Content, content_of
from onesixty.channels.sms.orders import SendOrder
from onesixty.channels.sms.view import sms_view
from onesixty.channels.sms.wording import compose
from onesixty.core import event_body
from onesixty.core.errors import Problem
from onesixty.core.tenant import Tenant
from tests.support.message_path import ACCOUNT, Node

NewNode = Callable[..., Awaitable[Node]]
PORTS = "06050415820000"


def order(text: str = "", **fields: Any) -> SendOrder:
    return SendOrder(
        tenant=Tenant(ACCOUNT, False), sender="Acme", recipient="+15551234567", text=text, **fields
    )


def test_plain_text_has_no_content() -> None:
    wording = compose(order("hello"), 10)
    assert wording == ("hello", "gsm7", 1, None, ())
    assert compose(order("hello", language="tr"), 10).content is None, "the default alphabet is enough"


def test_transliteration_tells_what_it_changed() -> None:
    """One curly quote no longer triples the bill, and nothing is swallowed."""
    asked = order("“It’s” " + "x" * 150, transliterate=True)
    wording = compose(asked, 10)
    assert wording[:3] == ('"It\'s" ' + "x" * 150, "gsm7", 1)
    assert [(c.character, c.replacement, c.count) for c in map(_counted, wording.changes)] == [
        ("“", '"', 1),
        ("’", "'", 1),
        ("”", '"', 1),
    ]
    kept = order("’😀", transliterate=True)
    assert compose(kept, 10)[:2] == ("’😀", "ucs2")
    assert compose(kept, 10).changes == ()
    assert compose(order("’", transliterate=True, encoding="ucs2"), 10)[:2] == ("’", "ucs2")


def test_a_message_says_its_own_most_segments_up_to_the_limit() -> None:
    """The default is for what does not say so itself; the limit is for all."""
    for segments, default, limit, said in ((10, 10, 255, None), (20, 10, 255, 20), (11, 10, 255, 255)):
        assert compose(order("a" * 153 * segments, max_segments=said), default, limit).units == segments
    for segments, default, limit, said in ((11, 10, 255, None), (21, 10, 255, 20), (16, 10, 15, 20)):
        with pytest.raises(Problem, match="text_too_long") as refused:
            compose(order("a" * 153 * segments, max_segments=said), default, limit)
        assert refused.value.extra["allowed"] == min(said or default, limit)


def test_parts_with_headers_of_their_own_stay_as_they_were_cut() -> None:
    kept = Content(headers=("027000", ""), cuts=(6, 12))
    assert compose(order("part 1part 2", content=kept), 10)[1:3] == ("gsm7", 2)
    assert compose(order("part 1part я", content=kept), 10)[1:3] == ("ucs2", 2)
    assert compose(order(binary=b"x" * 12, content=kept), 10)[1:3] == ("binary", 2)
    too_long = Content(headers=("027000", ""), cuts=(160, 161))
    with pytest.raises(Problem) as refused:
        compose(order("x" * 161, content=too_long), 10)
    assert refused.value.param == "udh"


class _Counted(msgspec.Struct):
    character: str
    replacement: str
    count: int


def _counted(change: Any) -> _Counted:
    return _Counted(change.character, change.replacement, len(change.positions))


def test_shift_tables_are_used_where_they_save_a_segment() -> None:
    """Only when asked, and the header's length counts."""
    text = "ş" * 100
    assert compose(order(text), 10)[1:3] == ("ucs2", 2)
    wording = compose(order(text, language="auto"), 10)
    assert wording[1:3] == ("gsm7", 1)
    content = content_of(wording.content)
    assert content.locking_shift == 1 or content.single_shift == 1


def test_a_header_takes_its_room() -> None:
    assert compose(order("x" * 160), 10).units == 1
    assert compose(order("x" * 160, content=Content(udh=PORTS)), 10).units == 2
    flash = compose(order("x", content=Content(flash=True)), 10)
    assert content_of(flash.content) == Content(flash=True)
    assert compose(order(binary=b"\x00" * 140), 10)[1:] == ("binary", 1, None, ())
    assert compose(order(binary=b"\x00" * 140, content=Content(udh=PORTS)), 10).units == 2


@pytest.mark.parametrize(
    ("fields", "code", "param"),
    [
        ({}, "text_empty", "text"),
        ({"text": "x" * 161, "max_segments": 1}, "text_too_long", "text"),
        ({"binary": b"x" * 141, "max_segments": 1}, "text_too_long", "binary"),
        ({"binary": b"x" * 40_000}, "text_too_long", "binary"),
        ({"text": "’", "encoding": "gsm7"}, "not_encodable", "text"),
        ({"text": "x", "language": "xx"}, "invalid_field", "language"),
        ({"text": "x" * 200, "content": Content(udh="0500037f0201")}, "invalid_field", "udh"),
        ({"text": "x", "content": Content(udh="05")}, "invalid_field", "udh"),
    ],
)
def test_what_does_not_fit_is_refused(fields: dict[str, Any], code: str, param: str) -> None:
    """Over the most segments a message is refused, never cut short."""
    with pytest.raises(Problem) as caught:
        compose(order(**fields), 10)
    assert (caught.value.code, caught.value.param) == (code, param)


async def test_octets_are_shown_and_redacted_everywhere(engine_url: str, new_node: NewNode) -> None:
    node = await new_node(engine_url)
    octets = b64encode(b"secret octets").decode()
    message = await node.sent("", binary=b"secret octets", content=Content(udh=PORTS))
    view = sms_view(message)
    assert (view["text"], view["binary"], view["udh"], view["encoding"]) == (None, octets, PORTS, "binary")
    node.receipt("car_a-1")
    await node.until_status(message, "delivered")
    redacted = await node.control.redact(Tenant(ACCOUNT, False), message.id)
    assert redacted.content is None
    view = sms_view(redacted)
    assert (view["text"], view["binary"], view["udh"], view["to"]) == (None, None, None, "")
    ids = [row[0] for row in await node.store.fetch("events_of_message", message_id=message.id)]
    assert len(ids) == 2
    bodies = [event_body.told(*row) for row in await node.store.fetch("events_bodies", ids=ids)]
    assert len(bodies) == 2
    assert not [body for body in bodies if octets in body or PORTS in body]
    assert '"binary":null' in bodies[0]
