"""Alerts by email, over a real SMTP conversation."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from email import message_from_string, policy

import pytest

from onesixty.alerts.mail import LIFE_MS, Mailer, parse_server, smtp_transport
from onesixty.alerts.rules import Reading
from tests.alerts.conftest import RECIPIENT, World


class SmtpServer:
    """Takes mails, or refuses each recipient with `refusal` (RFC 5321: reply lines)."""

    def __init__(self) -> None:
        self.refusal = ""
        self.mails: list[str] = []
        self.heard: list[str] = []
        self._server: asyncio.Server | None = None

    async def start(self) -> int:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def say(line: str) -> None:
            writer.write(f"{line}\r\n".encode())

        say("220 test")
        while line := (await reader.readline()).decode().rstrip():
            verb = line.split()[0].upper()
            self.heard.append(verb)
            if verb == "QUIT":
                say("221 bye")
                break
            if verb == "RCPT" and self.refusal:
                say(self.refusal)
            elif verb == "DATA":
                say("354 go on")
                self.mails.append((await reader.readuntil(b"\r\n.\r\n")).decode())
                say("250 taken")
            else:
                say("250 fine")
        await writer.drain()
        writer.close()


@pytest.fixture
async def server() -> AsyncIterator[tuple[SmtpServer, int]]:
    made = SmtpServer()
    port = await made.start()
    yield made, port
    await made.stop()


async def raised(world: World) -> None:
    await world.look(0, Reading("webhook_paused", "whk_1", 1))
    assert len(await world.open_alerts()) == 1


def mailer(world: World, port: int) -> Mailer:
    return Mailer(
        world.store,
        world.clock,
        "onesixty@example.com",
        smtp_transport(parse_server(f"smtp://127.0.0.1:{port}")),
    )


async def waiting(world: World, later_ms: int = 0) -> int:
    rows = await world.store.fetch("alert_mails_due", now=world.clock.ms + later_ms, count=10)
    return len(rows)


async def test_a_mail_says_what_why_and_what_to_do(world: World, server: tuple[SmtpServer, int]) -> None:
    await raised(world)
    await mailer(world, server[1]).once()
    (mail,) = server[0].mails
    read = message_from_string(mail.removesuffix(".\r\n"), policy=policy.default)
    assert (
        read["Subject"].strip()
        == "[onesixty] warning: Webhook whk_1 is paused: its receiver has been failing."
    )
    assert (read["From"], read["To"]) == ("onesixty@example.com", RECIPIENT)
    assert "Deliveries are kept for 72 hours" in read.get_content()
    await mailer(world, server[1]).once()
    assert len(server[0].mails) == 1
    assert await waiting(world, LIFE_MS) == 0


async def test_a_server_that_is_busy_or_away_gets_it_later(
    world: World, server: tuple[SmtpServer, int]
) -> None:
    await raised(world)
    server[0].refusal = "451 come again"
    await mailer(world, server[1]).once()
    assert await waiting(world) == 0
    assert await waiting(world, 60_000) == 1
    world.clock.turn(60)
    await mailer(world, 1).once()  # nobody listens there
    world.clock.turn(120)
    server[0].refusal = ""
    await mailer(world, server[1]).once()
    assert len(server[0].mails) == 1


async def test_what_is_refused_for_good_is_given_up(world: World, server: tuple[SmtpServer, int]) -> None:
    await raised(world)
    server[0].refusal = "550 no such box"
    await mailer(world, server[1]).once()
    assert await waiting(world, LIFE_MS) == 0


async def test_a_mail_is_given_up_after_a_day(world: World, server: tuple[SmtpServer, int]) -> None:
    await raised(world)
    server[0].refusal = "451 come again"
    for _ in range(60):
        await mailer(world, server[1]).once()
        world.clock.turn(1800)
    assert await waiting(world, LIFE_MS) == 0


@pytest.mark.parametrize(
    ("url", "host", "port", "tls"),
    [
        ("smtp://mail.example.com", "mail.example.com", 587, False),
        ("smtp://user:p%40ss@mail.example.com:25", "mail.example.com", 25, False),
        ("smtps://mail.example.com", "mail.example.com", 465, True),
    ],
)
def test_servers_are_urls(url: str, host: str, port: int, tls: bool) -> None:
    found = parse_server(url)
    assert (found.host, found.port, found.tls) == (host, port, tls)
    assert found.password in (None, "p@ss")


@pytest.mark.parametrize(
    "url", ["", "mail.example.com", "http://mail.example.com", "smtp://:pass@", "smtp://h:pass"]
)
def test_what_is_no_server_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(ValueError, match="it ") as refused:
        parse_server(url)
    assert "pass@" not in str(refused.value).replace("user:password@host", "")


async def test_a_password_is_not_sent_without_tls(world: World, server: tuple[SmtpServer, int]) -> None:
    """One who stands between strips the offer of STARTTLS; what is left is a server that never offered it."""
    stripped, port = server
    await raised(world)
    url = f"smtp://user:pass@127.0.0.1:{port}"
    sender = Mailer(world.store, world.clock, "onesixty@example.com", smtp_transport(parse_server(url)))
    await sender.once()
    assert stripped.heard
    assert not {"AUTH", "MAIL", "DATA"} & set(stripped.heard)
    assert stripped.mails == []
