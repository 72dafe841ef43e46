"""What `onesixty carrier check` finds at SMSCs that work, and at those that do not."""

import asyncio
import random
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import trustme

from onesixty.carriers.smpp import SmppCarrier, SmppSettings
from onesixty.carriers.smpp.bind_words import REFUSALS, refusal
from onesixty.carriers.smpp.probe import Probe
from onesixty.carriers.smpp.trial import shape
from onesixty.core.clock import SystemClock
from onesixty.core.contracts import Checkable, CheckableByUse, CheckOptions, Finding
from onesixty.simulator.smsc import SimulatedSmsc, SmscOptions
from onesixty.smpp import codec
from onesixty.smpp import constants as c
from onesixty.smpp.framing import Framer
from onesixty.smpp.pdu import Pdu

QUICK = {"latency_ms": 1, "latency_jitter_ms": 0, "receipt_delay_ms": 5, "receipt_jitter_ms": 0}
TO = CheckOptions(to="+15550000001", sender="Acme", receipt_s=20)


PLAIN = CheckOptions()


async def check(port: int, options: CheckOptions = PLAIN, **settings: Any) -> list[Finding]:
    carrier = SmppCarrier(
        "car_1",
        SmppSettings(**({"host": "127.0.0.1", "port": port, "system_id": "me", "window": 20} | settings)),
        clock=SystemClock(),
        random=random.Random(1),
    )
    assert isinstance(carrier, Checkable)
    assert isinstance(carrier, CheckableByUse)
    return await carrier.check_with(options)


@asynccontextmanager
async def smsc(*misbehave: str, **options: Any) -> AsyncIterator[SimulatedSmsc]:
    given = QUICK | {"port": 0, "repeat_ms": 20, "every": 1, "misbehave": misbehave} | options
    far = SimulatedSmsc(SmscOptions(**given), clock=SystemClock(), random=random.Random(2))
    await far.start()
    try:
        yield far
    finally:
        await far.stop(0)


@asynccontextmanager
async def listener(
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]], **how: Any
) -> AsyncIterator[int]:
    """A port at which something else than an SMSC answers."""

    served: list[tuple[asyncio.Task[None], asyncio.StreamWriter]] = []

    async def closing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except OSError:
            pass
        finally:
            writer.close()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append((asyncio.get_running_loop().create_task(closing(reader, writer)), writer))

    server = await asyncio.start_server(accept, "127.0.0.1", 0, **how)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()
        for task, writer in served:  # also those whose task has not begun
            task.cancel()
            writer.transport.abort()
            await asyncio.wait([task])
            with suppress(OSError):
                await writer.wait_closed()


def errors(findings: list[Finding]) -> list[str]:
    return [finding.what for finding in findings if finding.level == "error"]


def text(findings: list[Finding]) -> str:
    return "\n".join(f"{finding.level}: {finding.what}" for finding in findings)


def fact(findings: list[Finding], name: str) -> object:
    return next(finding.facts[name] for finding in findings if finding.facts and name in finding.facts)


async def test_a_link_that_works_is_measured_and_left() -> None:
    """What the window allows over the round trip is told."""
    async with smsc() as far:
        findings = await check(far.port, CheckOptions(window=True), host="localhost")
        assert errors(findings) == [], text(findings)
        assert fact(findings, "smsc") == "simulator"
        assert fact(findings, "interface_version") == "3.4"
        assert {"dns_s", "tcp_s", "bind_s", "round_trip_s", "window"} <= {
            name for finding in findings for name in finding.facts or ()
        }
        assert far.counters["received"] == 0, "nothing is sent unless asked for"


@pytest.mark.parametrize(
    ("misbehave", "settings", "wanted"),
    [
        ((), {}, "as in the answer"),
        (("decimal_receipts",), {}, "in decimal, but the answer had hexadecimal"),
        (("hex_receipts",), {}, "in hexadecimal, but the answer had decimal"),
        (("zero_padded",), {}, "except for case or leading zeros"),
        (("early_receipts",), {}, "as in the answer"),
        (("decimal_receipts",), {"id_form": "same"}, "set `id_form` to decimal"),
    ],
)
async def test_a_message_tells_how_ids_are_written(
    misbehave: tuple[str, ...], settings: dict[str, Any], wanted: str
) -> None:
    """The receipt is found however its id is written, also before the answer."""
    async with smsc(*misbehave) as far:
        findings = await check(far.port, TO, **settings)
        assert wanted in text(findings)
        assert fact(findings, "state") == "DELIVERED"
        assert far.counters["received"] == 1
        assert bool(errors(findings)) == ("id_form" in settings)


async def test_no_receipt_and_a_refusal_are_told() -> None:
    async with smsc("missing_receipts") as far:
        findings = await check(far.port, CheckOptions(to="+15550000001", receipt_s=0.2))
        assert "No final receipt within 0.2 s" in text(findings)
    async with smsc(undelivered=1) as far:
        findings = await check(far.port, TO, receipt_errors={"001": "recipient_opted_out"})
        assert fact(findings, "state") == "UNDELIVERABLE"
        assert fact(findings, "code") == "recipient_opted_out"
    async with smsc(refuse=1, refuse_code="sender_refused") as far:
        findings = await check(far.port, TO)
        assert "ESME_RINVSRCADR" in text(findings)
        assert "`--from`" in text(findings)


@pytest.mark.parametrize(
    ("misbehave", "level", "wanted"),
    [
        ("garbage", "error", "broke the framing of its stream"),
        ("hangs_up", "error", "During the check: the SMSC closed the connection"),
        ("without_nul", "warning", "violated SMPP once: deliver_sm"),
        ("answers_twice", "warning", "unexpected submit_sm_resp"),
        ("queue_full", "error", "ESME_RMSGQFUL"),
        ("nacks", "error", "submit_sm was refused"),
        ("stat_failed", "warning", "UNDELIVERABLE"),
    ],
)
async def test_an_smsc_that_breaks_the_rules_is_survived_and_told(
    misbehave: str, level: str, wanted: str
) -> None:
    async with smsc(misbehave) as far:
        findings = await check(far.port, TO, response_timeout_s=10)
        assert any(finding.level == level and wanted in finding.what for finding in findings), text(findings)


async def test_what_is_delivered_meanwhile_is_left_for_the_carriers_own_binds() -> None:
    """A check of a link must not take messages that belong to the carrier's own binds."""
    async with smsc() as far:
        far.deliver("+15550000009", "40404", b"STOP", system_id="me")
        findings = await check(far.port)
        assert errors(findings) == []
        assert far.counters["acknowledged"] == 0
        assert "were not accepted (ESME_RX_T_APPN)" in text(findings)


@pytest.mark.parametrize(
    ("misbehave", "settings", "wanted"),
    [
        ("refuses_bind", {}, "the password is wrong"),
        ("dead_link", {"enquire_link_s": 1}, "enquire_link got no answer"),
        ("silent_bind", {"bind_timeout_s": 1.5}, "the bind got no answer in 1.5 s"),
    ],
)
async def test_a_bind_that_does_not_come_about_is_explained(
    misbehave: str, settings: dict[str, Any], wanted: str
) -> None:
    async with smsc(misbehave) as far:
        (error,) = errors(await check(far.port, **settings))
        assert wanted in error


async def test_binds_that_are_all_taken_are_explained() -> None:
    """ESME_RALYBND, and whose binds count."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        (frame,) = Framer().feed(await reader.read(1000))
        bind = codec.decode(frame)
        writer.write(codec.encode(Pdu(bind.command_id | c.RESPONSE_BIT, c.ESME_RALYBND, bind.sequence)))
        await reader.read()

    async with listener(serve) as port:
        (error,) = errors(await check(port))
        assert "ESME_RALYBND" in error
        assert "The platform's own binds count" in error


@pytest.mark.parametrize(
    ("says", "wanted"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "The port speaks HTTP"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "The port speaks SSH"),
        (b"\x15\x03\x01\x00\x02\x02\x16", "Set `tls` to true"),
        (bytes(range(1, 40)), "does not speak SMPP"),
        (b"", "when an address is not allowed"),
    ],
)
async def test_what_else_may_listen_at_a_port_is_told(says: bytes, wanted: str) -> None:
    """HTTP on an SMPP port, and carriers that hang up on addresses they do not know."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(says)
        await writer.drain()

    async with listener(serve) as port:
        (error,) = errors(await check(port))
        assert wanted in error


async def test_a_port_where_nothing_listens_and_a_name_that_is_not_there() -> None:
    async with smsc() as far:
        port = far.port
    (error,) = errors(await check(port))
    assert "nothing listens there" in error
    (error,) = errors(await check(port, host="smsc.invalid"))
    assert "was not found" in error
    (error,) = errors(await check(port, source_ip="192.0.2.1"))
    assert "192.0.2.1" in error


async def test_tls_on_the_wrong_side_is_told(tmp_path: Any) -> None:
    authority, ca_file = trustme.CA(), tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    async with smsc() as far:
        (error,) = errors(await check(far.port, tls=True))
        assert "`tls` false" in error

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with listener(serve, ssl=context) as port:
        (error,) = errors(await check(port, bind_timeout_s=1.5))
        assert "`tls`" in error
        (error,) = errors(await check(port, tls=True))
        assert "certificate is not trusted" in error
        findings = await check(port, tls=True, tls_ca_file=str(ca_file), bind_timeout_s=1.5)
        assert fact(findings, "tls") == "TLSv1.3"
        assert "certificate is valid for" in text(findings)
        assert "aborted" not in text(findings)


async def test_a_pair_of_binds_is_checked_as_a_pair() -> None:
    async with smsc() as far:
        findings = await check(far.port, TO, bind="transmitter", receivers=1)
        assert errors(findings) == [], text(findings)
        assert "Bound as transmitter" in text(findings)
        assert "Bound as receiver" in text(findings)
        assert fact(findings, "state") == "DELIVERED"
        findings = await check(far.port, TO, bind="transmitter")
        assert "No bind can receive" in text(findings)
        findings = await check(far.port, TO, bind="receiver")
        assert "can only receive" in text(findings)


def test_every_refusal_has_words() -> None:
    assert all(refusal(status).startswith("ESME_") for status in REFUSALS)
    assert "vendor" in refusal(0x412)
    assert refusal(c.ESME_RINVSRCADR) == "ESME_RINVSRCADR: invalid source address."


@pytest.mark.parametrize(
    ("message_id", "wanted"),
    [
        ("0012", "decimal"),
        ("1a2b", "hexadecimal"),
        ("123e4567-e89b-12d3-a456-426614174000", "a UUID"),
        ("abc-xyz", "7 characters"),
        ("", "empty"),
    ],
)
def test_the_shape_of_an_id_in_words(message_id: str, wanted: str) -> None:
    assert shape(message_id).startswith(wanted)


async def test_one_address_of_a_name_that_answers_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name with an address of each family, of which the SMSC listens on one."""

    async def both(self: Probe) -> list[str]:
        return ["127.0.0.3", "127.0.0.1"]

    monkeypatch.setattr(Probe, "resolve", both)
    async with smsc() as far:
        findings = await check(far.port, host="smsc.example.net")
        assert errors(findings) == [], text(findings)
        assert "warning: 127.0.0.3" in text(findings)
