"""What an SMPP customer asks for beside words is kept, in one piece and in parts; what is no text is refused."""

from typing import Any

import pytest

from onesixty.channels.sms import content
from onesixty.channels.sms.content import Content
from onesixty.channels.sms.rendering import Segments, render_message
from onesixty.core.message import Message
from onesixty.smpp import constants as c
from onesixty.smpp import tlv
from onesixty.smpp.fields import DestAddress
from onesixty.text import parse_udh
from tests.doors.smpp.esme import Esme, Node, message
from tests.support.waiting import wait_until_async

pytestmark = pytest.mark.asyncio(loop_scope="module")

LATER = "000000010000000R"
#: Octets and the data_coding that they are no text in.
NO_TEXT = {
    "Latin-1 under data_coding 0": (0, "café".encode("latin-1")),
    "UTF-8 under data_coding 0": (0, "café".encode()),
    "high octets under data_coding 1": (1, bytes.fromhex("5445CEA354")),
    "half a unit": (8, b"\0a\0b\0"),
    "half a pair": (8, b"\xd8\x3d\0a"),
    "an escape at the end": (0, b"abc\x1b"),
    "NUL": (8, b"\0\0\0a"),
    "class 1": (0xF1, b"\x80"),
}


def part(number: int, payload: bytes, reference: int = 1, more: bytes = b"", total: int = 2) -> bytes:
    return bytes((5 + len(more),)) + more + bytes((0, 3, reference, total, number)) + payload


def sent(one: Message, **settings: Any) -> Segments:
    made = render_message(one, one.sender, 5, **settings)
    assert isinstance(made, Segments)
    return made


async def newest(tenant: Node, count: int) -> Message:
    async def there() -> bool:
        return len(await tenant.messages()) == count

    await wait_until_async(there, what=f"{count} messages")
    return (await tenant.messages())[0]


async def test_octets_that_are_no_text_are_refused_and_nothing_is_stored(tenant: Node) -> None:
    """In one piece, in message_payload, in data_sm, in submit_multi and in a part."""
    await tenant.credential("acme")
    async with await tenant.esme("acme") as esme:
        for what, (coding, octets) in NO_TEXT.items():
            answer = await esme.submit(octets, data_coding=coding)
            assert answer.command_status == c.ESME_RSUBMITFAIL, what
            payload = ((tlv.MESSAGE_PAYLOAD, octets),)
            answer = await esme.submit(b"", data_coding=coding, tlvs=payload)
            assert answer.command_status == c.ESME_RSUBMITFAIL, what
            fields = message(b"")
            for name in ("short_message",):
                del fields[name]
            answer = await esme.ask(c.DATA_SM, payload, **fields, data_coding=coding)
            assert answer.command_status == c.ESME_RSUBMITFAIL, what
            del fields["destination_addr"], fields["dest_addr_ton"], fields["dest_addr_npi"]
            fields |= {"dest_address": (DestAddress(1, 1, "15551234567"),), "short_message": octets}
            answer = await esme.ask(c.SUBMIT_MULTI, **fields, data_coding=coding)
            assert answer.command_status == c.ESME_RSUBMITFAIL, what
            if what not in ("an escape at the end", "half a pair"):
                answer = await esme.submit(part(1, octets), data_coding=coding, esm_class=0x40)
                assert answer.command_status == c.ESME_RSUBMITFAIL, what
        assert not await tenant.messages()


async def test_a_character_between_two_parts_is_whole_and_half_of_one_fails_them(tenant: Node) -> None:
    await tenant.credential("acme")
    async with await tenant.esme("acme") as esme:
        octets = "a😀b".encode("utf-16-be")
        for number, payload in ((1, octets[:4]), (2, octets[4:])):
            answer = await esme.submit(part(number, payload), data_coding=8, esm_class=0x40)
            assert answer.command_status == c.ESME_ROK
        assert (await newest(tenant, 1)).text == "a😀b"
        for number, payload in ((1, b"\0a"), (2, "😀".encode("utf-16-be")[:2])):
            answer = await esme.submit(part(number, payload, 2), data_coding=8, esm_class=0x40)
            assert answer.command_status == c.ESME_ROK
        ended = await newest(tenant, 2)
        assert (ended.status, ended.error_code) == ("failed", "not_decodable")


@pytest.mark.parametrize("coding", [0x02, 0x11, 0x16, 0x19, 0xC8, 0xD9, 0xE8, 0xF1, 0xF2, 0xF5, 0xF6])
async def test_a_data_coding_is_kept_in_one_piece_and_in_parts(tenant: Node, coding: int) -> None:
    """3GPP TS 23.038, 4: class, message waiting and kind of octets go on to the carrier."""
    await tenant.credential("acme")
    async with await tenant.esme("acme") as esme:
        await esme.submit(b"\0a\0b", data_coding=coding)
        assert sent(await newest(tenant, 1)).data_coding == coding
        for number in (1, 2):
            await esme.submit(part(number, b"\0a\0b"), data_coding=coding, esm_class=0x40)
        joined = await newest(tenant, 2)
        for settings in ({}, {"concatenation": "sar"}, {"concatenation": "payload"}):
            assert sent(joined, **settings).data_coding == coding


async def test_fields_and_tlvs_are_kept_in_parts_as_in_one_piece(tenant: Node) -> None:
    """SMPP 3.4, 5.2.13, 5.3.2.1, 5.3.2.20: protocol_id, dest_addr_subunit, ports, flags, ms_validity."""
    await tenant.credential("acme")
    asked: dict[str, Any] = {"protocol_id": 0x41, "replace_if_present_flag": 1, "esm_class": 0x80}
    tlvs = (
        tlv.make("dest_addr_subunit", 3),
        tlv.make("destination_port", 2948),
        tlv.make("ms_validity", b"\1"),
        tlv.make("callback_num", b"\1\1\x011555"),
    )
    async with await tenant.esme("acme") as esme:
        await esme.submit(b"whole", tlvs=tlvs, **asked)
        whole = content.content_of((await newest(tenant, 1)).content)
        assert whole == Content(
            protocol_id=0x41,
            replace_if_present=True,
            reply_path=True,
            dest_addr_subunit=3,
            udh="0605040b840000",
            tlvs=((tlv.MS_VALIDITY, "01"), (tlv.CALLBACK_NUM, "0101" + b"\x011555".hex())),
        )
        for number in (1, 2):
            sar = (
                tlv.make("sar_msg_ref_num", 9),
                tlv.make("sar_total_segments", 2),
                tlv.make("sar_segment_seqnum", number),
            )
            await esme.submit(b"part %d" % number, tlvs=(*tlvs, *sar), **asked)
        assert content.content_of((await newest(tenant, 2)).content) == whole
        for number in (1, 2):
            fields = asked | {"esm_class": 0xC0}
            await esme.submit(part(number, b"part", 3), tlvs=tlvs, **fields)
        assert content.content_of((await newest(tenant, 3)).content) == whole


async def test_each_part_keeps_a_header_of_its_own(tenant: Node) -> None:
    """A SIM toolkit command in two parts, which only the first names (3GPP TS 31.115)."""
    await tenant.credential("acme")
    async with await tenant.esme("acme") as esme:
        first, second = b"\x11" * 132, b"\x22" * 60
        for number, octets, more in ((2, second, b""), (1, first, b"\x70\0")):
            await esme.submit(
                part(number, octets, 2, more), data_coding=0xF6, esm_class=0x40, protocol_id=0x7F
            )
        one = await newest(tenant, 1)
        assert one.segments == 2
        for concatenation in ("udh8", "udh16", "sar", "payload"):
            made = sent(one, concatenation=concatenation)
            assert (made.payloads, made.data_coding) == ([first, second], 0xF6)
            assert [[e.identifier for e in parse_udh(udh)] for udh in made.udhs] == [[0, 0x70], [0]]


async def test_tlvs_that_cannot_be_understood_are_refused(tenant: Node) -> None:
    await tenant.credential("acme")
    payloads = tuple((tlv.MESSAGE_PAYLOAD, b"%d" % number) for number in range(200))
    async with await tenant.esme("acme") as esme:
        for what, text, tlvs, status in (
            ("200 texts", b"", payloads, c.ESME_RINVOPTPARSTREAM),
            ("two classes", b"a", (tlv.make("dest_addr_subunit", 1),) * 2, c.ESME_RINVOPTPARSTREAM),
            ("a class that is none", b"a", (tlv.make("dest_addr_subunit", 9),), c.ESME_RINVOPTPARAMVAL),
            ("a class of two octets", b"a", ((tlv.DEST_ADDR_SUBUNIT, b"\0\1"),), c.ESME_RINVPARLEN),
            ("a vendor's twice", b"a", ((0x1400, b"x"),) * 2, c.ESME_ROK),
            ("two numbers to call", b"a", (tlv.make("callback_num", b"\1\1\x011"),) * 2, c.ESME_ROK),
        ):
            assert (await esme.submit(text, tlvs=tlvs)).command_status == status, what


async def _replaced(tenant: Node, esme: Esme, first: bytes, coding: int, second: bytes) -> tuple[int, str]:
    before = len(await tenant.messages())
    answer = await esme.submit(first, data_coding=coding, schedule_delivery_time=LATER)
    assert answer.command_status == c.ESME_ROK
    told = await esme.ask(
        c.REPLACE_SM,
        message_id=answer.text("message_id"),
        source_addr_ton=5,
        source_addr="Acme",
        short_message=second,
    )
    return told.command_status, (await newest(tenant, before + 1)).text


async def test_replace_sm_is_read_by_the_data_coding_of_the_message(tenant: Node) -> None:
    """4.10: replace_sm has none of its own. A text that needed UCS-2 was not sent in it."""
    await tenant.credential("acme", alphabet_0="latin1")
    new = "Amanhã às 10"
    latin = new.encode("latin-1")
    async with await tenant.esme("acme") as esme:
        assert await _replaced(tenant, esme, b"plain", 0, latin) == (c.ESME_ROK, new)
        assert await _replaced(tenant, esme, "Olá".encode("latin-1"), 0, latin) == (c.ESME_ROK, new)
        assert await _replaced(tenant, esme, "Olá".encode("latin-1"), 3, latin) == (c.ESME_ROK, new)
        ucs2 = new.encode("utf-16-be")
        assert await _replaced(tenant, esme, b"\0a", 8, ucs2) == (c.ESME_ROK, new)
        refused = await _replaced(tenant, esme, b"\0a", 8, b"abc")
        assert refused == (c.ESME_RREPLACEFAIL, "a")


async def test_a_credential_says_how_many_segments(tenant: Node) -> None:
    """ONESIXTY_MAX_SEGMENTS is for what does not say so itself: more, or fewer, in one piece and in parts."""
    await tenant.credential("long", max_segments=20)
    await tenant.credential("short", max_segments=1)
    payload = ((tlv.MESSAGE_PAYLOAD, b"a" * 153 * 20),)
    async with await tenant.esme("long") as esme:
        assert (await esme.submit(b"", tlvs=payload)).command_status == c.ESME_ROK
        assert (await tenant.messages())[0].segments == 20
        answer = await esme.submit(part(1, b"a", total=20), esm_class=0x40)
        assert answer.command_status == c.ESME_ROK
    async with await tenant.esme("short") as esme:
        assert (await esme.submit(b"a" * 161)).command_status == c.ESME_RINVMSGLEN
        answer = await esme.submit(part(1, b"a"), esm_class=0x40)
        assert answer.command_status == c.ESME_RINVMSGLEN
