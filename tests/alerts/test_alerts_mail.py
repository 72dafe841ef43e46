"""Alerts by email, over a real SMTP conversation."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from email import message_from_string, policy
from random import Random

import msgspec
import pytest

from onesixty.alerts.rules import Reading
from onesixty.mail.mails import LIMITS, POLICY, MailSink
from onesixty.mail.server import parse_server, smtp_transport
from onesixty.work.queue import WorkQueue
from tests.alerts.conftest import RECIPIENT, World
from tests.support.smtp import SmtpServer
from tests.support.waiting import wait_until_async


@pytest.fixture
async def server() -> AsyncIterator[tuple[SmtpServer, int]]:
    made = SmtpServer()
    port = await made.start()
    yield made, port
    await made.stop()


async def raised(world: World) -> None:
    await world.look(0, Reading("webhook_paused", "whk_1", 1))
    assert len(await world.open_alerts()) == 1


@contextlib.asynccontextmanager
async def mailing(world: World, url: str) -> AsyncIterator[WorkQueue]:
    """A node that sends mails over this server."""
    sink = MailSink(world.clock, "onesixty@example.com", smtp_transport(parse_server(url)))
    limits = msgspec.structs.replace(LIMITS, look=0.02)
    queue = WorkQueue(world.store, sink, clock=world.clock, random=Random(1), lease=lambda: 1, limits=limits)
    await queue.start()
    yield queue
    await queue.stop(5)


async def until(world: World, status: str, tries: int) -> str | None:
    """Wait until the one mail is there with so many tries; what was said last."""

    async def there() -> tuple[str | None] | None:
        ((found, count, claim, error),) = await world.store.fetch("mail_states")
        return (error,) if (found, count, claim) == (status, tries, 0) else None

    said = await wait_until_async(there, 20, f"{status} after {tries}")
    assert said is not None
    return said[0]


async def test_a_mail_says_what_why_and_what_to_do(world: World, server: tuple[SmtpServer, int]) -> None:
    await raised(world)
    async with mailing(world, f"smtp://127.0.0.1:{server[1]}"):
        await until(world, "delivered", 1)
    (mail,) = server[0].mails
    read = message_from_string(mail.removesuffix(".\r\n"), policy=policy.default)
    assert (
        read["Subject"].strip()
        == "[onesixty] warning: Webhook whk_1 is paused because its receiver keeps failing."
    )
    assert (read["From"], read["To"]) == ("onesixty@example.com", RECIPIENT)
    assert "Deliveries are kept for 72 hours" in read.get_content()
    assert await world.mails(POLICY.life_ms) == []


async def test_a_server_that_is_busy_or_away_gets_it_later(
    world: World, server: tuple[SmtpServer, int]
) -> None:
    await raised(world)
    server[0].refusal = "451 come again"
    async with mailing(world, f"smtp://127.0.0.1:{server[1]}"):
        assert await until(world, "pending", 1) == "451 come again"
    assert await world.mails() == []
    assert len(await world.mails(60_000)) == 1
    world.clock.turn(60)
    async with mailing(world, "smtp://127.0.0.1:1"):  # nobody listens there
        await until(world, "pending", 2)
    world.clock.turn(120)
    server[0].refusal = ""
    async with mailing(world, f"smtp://127.0.0.1:{server[1]}"):
        await until(world, "delivered", 3)
    assert len(server[0].mails) == 1


async def test_what_is_refused_for_good_is_given_up(world: World, server: tuple[SmtpServer, int]) -> None:
    await raised(world)
    server[0].refusal = "550 no such box"
    async with mailing(world, f"smtp://127.0.0.1:{server[1]}"):
        assert await until(world, "failed", 1) == "550 no such box"


async def test_a_mail_is_given_up_after_a_day(world: World, server: tuple[SmtpServer, int]) -> None:
    await raised(world)
    server[0].refusal = "451 come again"
    async with mailing(world, f"smtp://127.0.0.1:{server[1]}") as queue:
        for tries in range(1, 6):
            await until(world, "pending", tries)
            world.clock.turn(1800)
        world.clock.turn(POLICY.life_ms / 1000 - 5 * 1800 - 60)
        queue.wake()
        assert await until(world, "failed", 6) == "451 come again"


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
    with pytest.raises(ValueError, match="must ") as refused:
        parse_server(url)
    assert "pass@" not in str(refused.value).replace("user:password@host", "")


async def test_a_password_is_not_sent_without_tls(world: World, server: tuple[SmtpServer, int]) -> None:
    """One who stands between strips the offer of STARTTLS; what is left is a server that never offered it."""
    stripped, port = server
    await raised(world)
    async with mailing(world, f"smtp://user:pass@127.0.0.1:{port}"):
        assert "STARTTLS" in str(await until(world, "pending", 1))
    assert stripped.heard
    assert not {"AUTH", "MAIL", "DATA"} & set(stripped.heard)
    assert stripped.mails == []
