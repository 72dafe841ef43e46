"""What each check finds, in a sound installation and in a sick one."""

from __future__ import annotations

import asyncio
import datetime
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from onesixty.core.contracts import CarrierState
from onesixty.doctor import database, machine, reach, traffic
from onesixty.doctor.checks import (
    ERROR,
    OK,
    SKIPPED,
    WARNING,
    Check,
    Finding,
    Installation,
    Node,
    listed,
    run,
    run_all,
    size,
    span,
    worst,
)
from onesixty.doctor.standard import CHECKS
from onesixty.ops.settings import Address, Settings
from onesixty.sealing.source import Source
from tests.http.world import Clock

DAY_S = 86_400.0


def installation(tmp_path: Path, node: Node | None = None, **settings: Any) -> Installation:
    return Installation(Settings(**{"data_dir": tmp_path} | settings), Clock(), None, node, "it is locked")


async def test_a_check_that_fails_or_hangs_is_a_finding(tmp_path: Path) -> None:
    async def breaks(_: Installation) -> Finding:
        raise RuntimeError("no such thing")

    async def hangs(_: Installation) -> Finding:
        await asyncio.Event().wait()
        raise AssertionError

    here = installation(tmp_path)
    broken = await run(Check("x", "", breaks), here, costly=True)
    assert (broken.finding.level, "no such thing" in broken.finding.found) == (ERROR, True)
    hung = await run(Check("x", "", hangs), here, costly=True, limit=0.01)
    assert hung.finding.level == ERROR
    costs = await run(Check("x", "", breaks, costs=True), here, costly=False)
    assert costs.finding.level == SKIPPED
    assert (worst([broken, costs]), worst([costs]), worst([])) == (ERROR, OK, OK)


async def test_every_check_that_is_no_success_says_what_to_do(tmp_path: Path) -> None:
    """Without a database, with a data directory that is missing."""
    here = installation(tmp_path / "none", public_url="http://127.0.0.1:1")
    results = await run_all(CHECKS, here, costly=True)
    assert [result.check.name for result in results] == [check.name for check in CHECKS]
    for result in results:
        assert result.finding.found
        if result.finding.level in (WARNING, ERROR):
            assert result.finding.remedy, result.check.name
    levels = {result.check.name: result.finding.level for result in results}
    assert (levels["database"], levels["public_url"], levels["secret"]) == (ERROR, ERROR, WARNING)
    assert {levels[name] for name in ("clock", "backups", "leases", "retention", "webhooks")} == {SKIPPED}


@pytest.mark.parametrize(
    ("free", "total", "level"),
    [
        (50 << 30, 100 << 30, OK),
        (9 << 30, 100 << 30, WARNING),
        (1 << 30, 4 << 30, WARNING),
        (100 << 20, 4 << 30, ERROR),
        (5 << 30, 1000 << 30, ERROR),
    ],
)
def test_little_space_is_told(free: int, total: int, level: str) -> None:
    assert machine.disk_finding("data", free, total, 1 << 20).level == level


@pytest.mark.parametrize(("seconds", "level"), [(0.002, OK), (0.03, WARNING), (0.5, ERROR)])
def test_a_slow_disk_is_told(seconds: float, level: str) -> None:
    assert machine.fsync_finding("data", [seconds, seconds, 9.0]).level == level


def test_the_disk_is_measured_and_left_as_it_was(tmp_path: Path) -> None:
    found = asyncio.run(machine.fsync(installation(tmp_path)))
    assert "fsync takes" in found.found
    assert list(tmp_path.iterdir()) == []
    assert asyncio.run(machine.disk(installation(tmp_path))).level in (OK, WARNING, ERROR)


@pytest.mark.parametrize(
    ("limit", "used", "level"),
    [(10_000, 50, OK), (1024, 50, WARNING), (1024, 1000, ERROR), (1024, None, WARNING)],
)
def test_a_low_limit_of_open_files_is_told(limit: int, used: int | None, level: str) -> None:
    assert machine.open_files_finding(limit, used, 5000).level == level


async def test_who_may_read_the_secret_is_told(tmp_path: Path) -> None:
    assert (await machine.secret(installation(tmp_path))).level == WARNING
    source = Source.of(Settings(data_dir=tmp_path))
    source.make()
    assert (await machine.secret(installation(tmp_path))).level == OK
    source.path.chmod(0o644)
    found = await machine.secret(installation(tmp_path))
    assert (found.level, found.remedy) == (ERROR, f"chmod 600 {source.path}")
    source.path.write_text("short")
    source.path.chmod(0o600)
    assert (await machine.secret(installation(tmp_path))).level == ERROR
    given = installation(tmp_path, secret_key="a" * 40)
    assert (await machine.secret(given)).level == OK


def test_an_address_that_others_reach_without_encryption_is_told() -> None:
    everywhere = [Address("0.0.0.0", 8160)]
    assert machine.exposed(everywhere, Settings()).level == WARNING
    assert machine.exposed(everywhere, Settings(public_url="https://sms.example.com")).level == OK
    assert machine.exposed([Address("127.0.0.1", 8160)], Settings()).level == OK


async def test_a_port_that_another_program_has_is_told(tmp_path: Path) -> None:
    server = await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    here = installation(tmp_path, http_listen=f"127.0.0.1:{port}", smpp_listen="")
    assert (await machine.ports(here)).level == ERROR
    server.close()
    await server.wait_closed()
    found = await machine.ports(here)
    assert (found.level, found.found) == (OK, f"127.0.0.1:{port} is free.")


class _Answers(http.server.BaseHTTPRequestHandler):
    """Answers as onesixty does, or as another server."""

    ours = True

    def do_GET(self) -> None:
        self.send_response(200)
        if self.ours:
            self.send_header("X-Request-Id", self.headers["X-Request-Id"])
        self.end_headers()
        self.wfile.write(b'{"status":"ok"}')

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def web() -> Iterator[str]:
    server = http.server.HTTPServer(("127.0.0.1", 0), _Answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


async def test_the_public_url_has_to_lead_here(
    tmp_path: Path, web: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await reach.public_url(installation(tmp_path))).level == SKIPPED
    assert (await reach.public_url(installation(tmp_path, public_url=web))).level == OK
    monkeypatch.setattr(_Answers, "ours", False)
    other = await reach.public_url(installation(tmp_path, public_url=web))
    assert (other.level, "not as onesixty" in other.found) == (ERROR, True)


def certificate(path: Path, days: float) -> Path:
    """A certificate that ends in so many days."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "smpp.example.com")])
    now = datetime.datetime.fromtimestamp(Clock().now_ms() / 1000, datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=400))
        .not_valid_after(now + datetime.timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.mark.parametrize(("days", "level"), [(90, OK), (5, WARNING), (-1, ERROR)])
async def test_a_certificate_that_ends_is_told(tmp_path: Path, days: int, level: str) -> None:
    path = certificate(tmp_path / "tls.pem", days)
    assert (await reach.smpp_certificate(installation(tmp_path, smpp_tls_cert=path))).level == level


async def test_a_file_that_is_no_certificate_is_told(tmp_path: Path) -> None:
    (tmp_path / "tls.pem").write_text("nothing")
    assert (await reach.smpp_certificate(installation(tmp_path))).level == SKIPPED
    for name in ("tls.pem", "none.pem"):
        found = await reach.smpp_certificate(installation(tmp_path, smpp_tls_cert=tmp_path / name))
        assert found.level == ERROR
    assert (await reach.public_certificate(installation(tmp_path))).level == SKIPPED
    nobody = installation(tmp_path, public_url="https://127.0.0.1:1")
    assert (await reach.public_certificate(nobody)).level == ERROR


async def test_a_mail_server_that_does_not_answer_is_told(tmp_path: Path) -> None:
    assert (await reach.mail_server(installation(tmp_path))).level == SKIPPED
    secret = "smtp://postman:hush@127.0.0.1:1"
    found = await reach.mail_server(installation(tmp_path, mail_server=secret))
    assert (found.level, "hush" in found.found) == (ERROR, False)


def test_settings_that_lose_messages_are_told() -> None:
    sound = {
        "server_version": "15.6", "server_version_num": "150006", "fsync": "on", "full_page_writes": "on",
        "synchronous_commit": "on", "max_connections": "100", "connections": "7", "archive_mode": "off",
    }  # fmt: skip
    assert database.postgresql_finding(sound).level == OK
    for name, value, level in (
        ("fsync", "off", ERROR),
        ("synchronous_commit", "off", ERROR),
        ("full_page_writes", "off", WARNING),
        ("server_version_num", "120010", ERROR),
        ("connections", "95", WARNING),
    ):
        assert database.postgresql_finding(sound | {name: value}).level == level
    assert database.sqlite_finding({"version": "3.45.1", "journal_mode": "wal"}).level == OK
    assert database.sqlite_finding({"version": "3.45.1", "journal_mode": "delete"}).level == ERROR


def test_clocks_backups_and_retention_are_told() -> None:
    assert [database.clock_finding(ms, "server").level for ms in (0, 5_000, 60_000)] == [OK, WARNING, ERROR]
    now = Clock().now_ms()
    assert [
        database.backup_finding(at, now).level for at in (None, now - 3_600_000, now - 9 * 86_400_000)
    ] == [
        WARNING,
        OK,
        WARNING,
    ]
    day = 86_400_000
    assert database.retention_finding({"message": (100 * day, 400), "event": (None, 30)}).level == OK
    assert database.retention_finding({"message": (100 * day, 0), "event": (31 * day, 30)}).level == OK
    assert database.retention_finding({"message": (100 * day, 400), "event": (40 * day, 30)}).level == WARNING


def test_carriers_and_webhooks_that_fail_are_told() -> None:
    up, down = CarrierState(True, 2, 2, 0, 10), CarrierState(False, 2, 0, 0, 10, "refused")
    half = CarrierState(True, 2, 1, 0, 10)
    assert traffic.carriers_finding({}).level == WARNING
    assert traffic.carriers_finding({"a": up}).level == OK
    assert traffic.carriers_finding({"a": up, "b": half}).level == WARNING
    assert traffic.carriers_finding({"a": up, "b": down}).level == WARNING
    all_down = traffic.carriers_finding({"b": down})
    assert (all_down.level, "b (refused)" in all_down.found) == (ERROR, True)
    assert traffic.webhooks_finding([], 0).level == OK
    row = ("whk_1", "acc_1", "https://a.example", 1, 3_600_000, None, None)
    told = traffic.webhooks_finding([row], 10_800_000)
    assert (told.level, "whk_1 of acc_1 failing for 2 hours" in told.found) == (WARNING, True)
    failing = {"state": "failing", "webhook": "whk_1", "account": "acc_1", "for_seconds": 7_200.0}
    assert told.values == {"count": 1, "webhooks": [failing]}
    off = traffic.webhooks_finding([(*row[:3], 0, None, None, "gone")], 0)
    assert off.values["webhooks"] == [
        {"state": "disabled", "webhook": "whk_1", "account": "acc_1", "reason": "gone"}
    ]


def test_words_for_people() -> None:
    assert (size(512), size(3 << 20), size(5 << 40)) == ("512 bytes", "3.0 MiB", "5.0 TiB")
    assert (span(1), span(59), span(3600), span(2 * DAY_S)) == ("1 second", "59 seconds", "1 hour", "2 days")
    assert listed(["a", "b", "c"], 2) == "a, b and 1 more"
