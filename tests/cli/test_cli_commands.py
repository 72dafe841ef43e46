"""The commands in this process: what they print, how they end, and that documentation and tables are complete."""

from __future__ import annotations

import http.client
import json
import re
import socket
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest
import typer
from click.testing import Result

from onesixty import __version__
from onesixty.cli import client, console, output, resources, simulate, tail
from onesixty.cli.client import Refused
from onesixty.cli.commands import MOVED, application
from onesixty.cli.init import TEMPLATE
from onesixty.cli.progress import Ticker
from onesixty.cli.tail import _line
from onesixty.ops.settings import Settings, load
from onesixty.simulator.smsc import SmscOptions
from tests.support.commands import invoke
from tests.support.databases import Databases
from tests.support.postgres import ROOT
from tests.support.waiting import wait_until

REFERENCE = ROOT / "docs" / "reference" / "cli.md"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a command in an empty working directory without any ONESIXTY_* variable but those given."""
    import os

    for name in os.environ:
        if name.startswith("ONESIXTY_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def command(*arguments: str, **variables: str) -> Result:
        environment = {f"ONESIXTY_{name.upper()}": value for name, value in variables.items()}
        return invoke(*arguments, env=environment)

    return command


@pytest.mark.parametrize("asked", ["version", "--version", "-V"])
def test_version(run: Any, asked: str) -> None:
    result = run(asked)
    assert (result.exit_code, result.stdout) == (0, f"onesixty {__version__}\n")


def test_help_names_every_command(run: Any) -> None:
    result = run("--help")
    for name in ("serve", "init", "send", "key", "simulate", "load", "migrate", "audit", "version"):
        assert re.search(rf"^  {name} ", result.stdout, re.MULTILINE)


def test_init_makes_everything_and_a_second_one_changes_nothing(run: Any, tmp_path: Path) -> None:
    first = run("init")
    assert first.exit_code == 0, first.output
    config = tmp_path / "onesixty.toml"
    assert config.read_text() == TEMPLATE.read_text()
    assert config.stat().st_mode & 0o077 == 0
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0
    keys = re.findall(r"os_(?:live|test)_[A-Za-z0-9]{38}", first.stdout)
    assert [key[:8] for key in keys] == ["os_live_", "os_test_"]
    config.write_text("# mine\n")
    second = run("init")
    assert second.exit_code == 0
    assert config.read_text() == "# mine\n"
    assert "os_live_" not in second.stdout
    assert "key create --local" in second.stdout


def test_init_takes_the_path_of_the_configuration(run: Any, tmp_path: Path) -> None:
    assert run("init", config="other.toml", data_dir=str(tmp_path / "kept")).exit_code == 0
    assert (tmp_path / "other.toml").exists()
    assert (tmp_path / "kept" / "onesixty.db").exists()


def test_init_never_shows_the_password_of_the_database(run: Any) -> None:
    result = run("init", database_url="postgresql://user:hush@127.0.0.1:1/none")
    assert result.exit_code == 1
    assert "hush" not in result.output


def test_the_template_has_every_setting_at_its_default(tmp_path: Path) -> None:
    """Taking the comment signs away gives a file that means what an empty one means."""
    lines = [line[1:] if re.match(r"#[a-z_\[]", line) else line for line in TEMPLATE.read_text().splitlines()]
    everything = tomllib.loads("\n".join(lines))
    assert set(Settings.model_fields) - set(everything) == {"faults"}
    shown = {  # without a default to show
        "database_url", "public_url", "admin_key", "secret_key", "carriers", "routes", "smpp_tls_cert",
        "smpp_tls_key", "retention_deliveries_days", "retention_inbound_days", "retention_receipts_days",
        "retention_bounds", "alert_emails", "mail_server", "extensions", "oidc_issuer", "oidc_client_id",
        "oidc_client_secret", "oidc_roles", "s3_endpoint", "s3_access_key_id", "s3_secret_access_key",
    }  # fmt: skip
    path = tmp_path / "onesixty.toml"
    kept = [f"{name} = {json.dumps(value)}" for name, value in everything.items() if name not in shown]
    path.write_text("\n".join(kept))
    assert load({}, tmp_path) == Settings()
    path.write_text("\n".join(lines))
    load({}, tmp_path)


def test_migrate_and_its_check(run: Any) -> None:
    assert run("migrate", "--check").exit_code == 1
    assert "from empty to revision" in run("migrate").stdout
    checked = run("migrate", "--check")
    assert (checked.exit_code, checked.stderr) == (0, "")
    assert "the newest" in run("migrate").stdout


def test_keys_without_a_server(run: Any) -> None:
    run("init")
    made = run("key", "create", "--local", "--name", "backup", "--mode", "test")
    assert made.exit_code == 0, made.output
    line, secret = made.stdout.splitlines()
    key_id = line.split()[0]
    assert secret.startswith("os_test_")
    listed = run("key", "list", "--local")
    assert secret not in listed.stdout
    assert len(json.loads(listed.stdout)) == 3  # with the two keys of the first start
    assert run("key", "revoke", "--local", key_id).exit_code == 0
    (row,) = (one for one in json.loads(run("key", "list", "--local").stdout) if one["id"] == key_id)
    assert row["revoked_at"] is not None


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("key", "list", "--local"), 1, "the database has no account yet"),
        (("key", "create", "--local", "--scope", "everything"), 2, "unknown scope 'everything'"),
        (("key", "create", "--local", "--scope", "carriers", "--mode", "test"), 2, "needs a live key"),
        (("key", "revoke", "--local", "key_01h455vb4pex5vsknk084sn02q"), 1, "the database has no account"),
        (("key", "revoke", "os_live_secret"), 2, "not the id of a key"),
        (("key", "list"), 2, "a key is missing"),
        (("key", "list", "--key", "kéy"), 2, "printable ASCII"),
        (("key", "list", "--key", "k", "--url", "localhost"), 2, "is not an address like"),
        (("key", "list", "--key", "k", "--url", "http://127.0.0.1:1"), 8, "Connection refused"),
        (("send", "--to", "+15551234567", "--text", "Hi"), 2, "a key is missing"),
        (("load", "http"), 2, "a key is missing"),
        (("load", "http", "--key", "k", "--url", "http://192.0.2.1"), 2, "--i-own-the-target"),
        (("load", "http", "--key", "k", "--count", "0"), 2, "count"),
        (("simulate", "smsc", "--misbehave", "sings"), 2, "unknown misbehaviour 'sings'"),
        (("simulate", "smsc", "--loss", "1.5"), 2, "--loss must be a number of at most 1"),
        (("send", "--to"), 2, ""),
        (("nonsense",), 2, ""),
    ],
)
def test_what_cannot_be_done_says_why(
    run: Any, databases: Databases, tmp_path: Path, arguments: tuple[str, ...], status: int, message: str
) -> None:
    databases.sqlite(tmp_path / "data" / "onesixty.db")
    result = run(*arguments)
    assert result.exit_code == status, result.output
    assert message in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize("command", ["serve", "init", "migrate", "audit"])
def test_a_wrong_setting_is_named(run: Any, command: str) -> None:
    result = run(command, http_listen="nowhere")
    assert result.exit_code == 2
    assert result.stderr.startswith("onesixty: ONESIXTY_HTTP_LISTEN: ")


@pytest.mark.parametrize(
    ("setting", "value"),
    [("database_url", "sqlite://"), ("admin_key", "short"), ("billing_charge_on", "read")],
)
def test_a_setting_that_would_fail_later_fails_at_once(run: Any, setting: str, value: str) -> None:
    result = run("serve", **{setting: value})
    assert result.exit_code == 2
    assert result.stderr.startswith(f"onesixty: ONESIXTY_{setting.upper()}: ")


@pytest.mark.parametrize("command", ["audit", "key list --local", "key create --local", "carrier check acme"])
def test_in_a_folder_without_a_database_none_is_made(run: Any, tmp_path: Path, command: str) -> None:
    result = run(*command.split())
    assert result.exit_code == 1
    assert f"database onesixty.db not found in {tmp_path / 'data'}" in result.stderr
    assert "ONESIXTY_DATA_DIR" in result.stderr
    assert "migrate" not in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_audit_of_a_new_database(run: Any) -> None:
    run("init")
    result = run("audit")
    assert result.exit_code == 0, result.output
    assert result.stdout.endswith("checks passed\n")
    decoded = json.loads(run("audit", "--json").stdout)
    assert decoded["ok"] is True
    assert {check["promise"] for check in decoded["checks"]} == {2, 3, 4, 5, 7, 11}


def test_audit_names_what_contradicts(run: Any, tmp_path: Path) -> None:
    import sqlite3

    run("init")
    connection = sqlite3.connect(tmp_path / "data" / "onesixty.db")
    connection.execute(
        "INSERT INTO ledger (message_id, kind, account_id, held, charged, currency, created_at) "
        "VALUES ('msg_gone', 'hold', 'acc_1', 1, 0, 'EUR', 1)"
    )
    connection.commit()
    connection.close()
    result = run("audit")
    assert result.exit_code == 1
    assert "promise 5  BROKEN 1 of 1" in result.stdout
    assert "\n    msg_gone\n" in result.stdout
    decoded = json.loads(run("audit", "--json").stdout)
    assert decoded["ok"] is False


def test_every_option_of_the_simulated_smsc_can_be_given() -> None:
    fields = {field.name: field for field in msgspec.structs.fields(SmscOptions)}
    options = {name: default for name, _, default, _ in simulate.OPTIONS}
    # `record` is for code that looks at what came; `misbehave` has an option of its own kind
    assert set(fields) - set(options) == {"record", "misbehave"}
    assert {name: fields[name].default for name in options} == options


def test_the_catalogue_of_misbehaviours(run: Any) -> None:
    from onesixty.simulator.smsc import CATALOGUE

    lines = run("simulate", "smsc", "--catalogue").stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(CATALOGUE)


def test_lists_are_read_to_their_end() -> None:
    class Pages:
        def __init__(self) -> None:
            self.asked: list[str] = []

        def call(self, _method: str, path: str) -> Any:
            self.asked.append(path)
            return {"data": [len(self.asked)], "next": "key_x" if len(self.asked) < 3 else None}

    pages = Pages()
    assert resources.pages(pages, "/v1/keys", (), 600) == [1, 2, 3]  # type: ignore[arg-type]
    assert pages.asked[1:] == ["/v1/keys?limit=200&after=key_x"] * 2


def test_a_refusal_names_code_and_field() -> None:
    problem = {"detail": "Too short.", "code": "invalid_number", "param": "to"}
    assert str(Refused(422, problem)) == "Too short. (invalid_number, field to)"
    assert str(Refused(502, {})) == "HTTP status 502"


@pytest.mark.parametrize(
    ("type_", "data", "shown"),
    [
        (
            "message.sent",
            {"id": "msg_1", "from": "Acme", "to": "+1555", "error": None},
            "msg_1  Acme > +1555",
        ),
        ("alert.firing", {"id": "alr_1", "rule": "carrier_down", "subject": "acme"}, "carrier_down  acme"),
        ("webhook.test", {"webhook_id": "whk_1"}, ""),
    ],
)
def test_tail_shows_what_an_event_is_about(type_: str, data: dict[str, Any], shown: str) -> None:
    line = _line({"created_at": "2026-01-01T00:00:00Z", "type": type_, "data": data})
    assert line.split(maxsplit=2)[2:] == ([shown] if shown else [])


def test_tail_ends_after_so_many_events_however_few_it_remembers(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stream(self: Any, _path: str, _headers: dict[str, str]) -> Iterator[str]:
        yield "retry: 1000"
        for number in range(9):
            event = {"created_at": "2026-01-01T00:00:00Z", "type": "webhook.test", "data": {}}
            yield from (f"id: evt_{number}", f"data: {json.dumps(event)}", "")

    monkeypatch.setattr(tail, "_REMEMBERED", 2)
    monkeypatch.setattr(client.Client, "stream", stream)
    assert len(run("tail", "--count", "4", key="a-key").stdout.splitlines()) == 4


def test_tail_shows_no_half_of_an_event(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that closes may cut a line anywhere; the event comes whole over the next connection."""
    whole = json.dumps({"created_at": "2026-01-01T00:00:00Z", "type": "webhook.test", "data": {}})
    connections: list[tuple[str, ...]] = [
        ("retry: 1000", "id: evt_1", f"data: {whole}", "", "id: evt_2", f"data: {whole[:20]}"),
        ("retry: 1000", "id: evt_2", f"data: {whole}", ""),
    ]
    asked: list[dict[str, str]] = []

    def stream(self: Any, _path: str, headers: dict[str, str]) -> Iterator[str]:
        asked.append(headers)
        yield from connections.pop(0)

    monkeypatch.setattr(client.Client, "stream", stream)
    monkeypatch.setattr(tail, "_PAUSES", (0.0,))
    done = run("tail", "--count", "2", "--json", key="a-key")
    assert (done.exit_code, done.stdout.splitlines()) == (0, [whole, whole])
    assert [headers.get("Last-Event-ID") for headers in asked] == [None, "evt_1"]


class Cutting(BaseHTTPRequestHandler):
    """A proxy or a server that closes before the end of its answer."""

    head, body = "X-None: 1", b""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header(*self.head.split(": "))
        self.end_headers()
        self.wfile.write(self.body)
        self.close_connection = True

    def log_message(self, *_: object) -> None: ...


@pytest.mark.parametrize(
    ("head", "body", "whole"),
    [
        ("X-None: 1", "one\nzwö".encode()[:-1], False),
        ("Content-Length: 9", b"one\n", False),
        ("Transfer-Encoding: chunked", b"4\r\none\n\r\n", False),
        ("Transfer-Encoding: chunked", b"9\r\none\n", False),
        ("Transfer-Encoding: chunked", b"4\r\none\n\r\n0\r\n\r\n", True),
        ("Content-Length: 4", b"one\n", True),
    ],
)
def test_an_answer_that_was_cut_off_is_not_taken_for_a_whole_one(head: str, body: bytes, whole: bool) -> None:
    """Also between two chunks, where the process of the server may be killed."""
    cutting = type("Cuts", (Cutting,), {"head": head, "body": body, "protocol_version": "HTTP/1.1"})
    with HTTPServer(("127.0.0.1", 0), cutting) as server:
        thread = threading.Thread(target=server.handle_request, daemon=True)
        thread.start()
        asked = client.Client(f"http://127.0.0.1:{server.server_port}", "k")
        lines = asked.stream("/", {})
        assert next(lines) == "one"
        if whole:
            assert list(lines) == []
        else:
            with pytest.raises(http.client.IncompleteRead):
                next(lines)
        asked.close()
        thread.join(5)


class Foreign(BaseHTTPRequestHandler):
    """A proxy whose server is away."""

    def do_GET(self) -> None:
        self.send_response(502)
        self.end_headers()
        self.wfile.write(b"<html>Bad Gateway</html>")

    def log_message(self, *_: object) -> None: ...


def test_a_proxy_that_answers_in_words_of_its_own_is_a_refusal() -> None:
    with HTTPServer(("127.0.0.1", 0), Foreign) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        asked = client.Client(f"http://127.0.0.1:{server.server_port}", "a-key")
        for ask in (
            lambda: asked.call("GET", "/v1/messages"),
            lambda: asked.fetch("/v1/captures/cap_1/file"),
            lambda: list(asked.stream("/v1/events", {})),
        ):
            with pytest.raises(Refused, match="does not serve this API: HTTP status 502") as refused:
                ask()
            assert refused.value.retryable
            asked.close()
        server.shutdown()


def test_what_is_no_http_is_not_shown() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"\x00\x1b[31m\n")

        threading.Thread(target=answer, daemon=True).start()
        asked = client.Client(f"http://127.0.0.1:{server.getsockname()[1]}", "a-key")
        with pytest.raises(client.Unreachable, match=r"the server does not speak HTTP$"):
            asked.call("GET", "/v1/messages")


def test_nothing_that_others_wrote_commands_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    text = "a\x1b]0;title\x07\x9b31m\x7fb\tc\nd"
    console.say(json.dumps(text, ensure_ascii=False))
    output.draw(["text"], [[text]])
    said = capsys.readouterr().out
    assert json.loads(said.splitlines()[0]) == text
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", said)
    with pytest.raises(SystemExit):
        console.fail(text)
    assert "\x1b" not in capsys.readouterr().err


def test_a_start_says_that_it_goes_on_until_it_is_over(capsys: pytest.CaptureFixture[str]) -> None:
    ticker = Ticker("starting", tick=0.01)
    said = ""

    def twice() -> bool:
        nonlocal said
        said += capsys.readouterr().out
        return said.count("\n") >= 2

    wait_until(twice, what="two lines")
    ticker.end()
    said += capsys.readouterr().out
    assert set(said.splitlines()) <= {"onesixty: starting, 0 s", "onesixty: starting, 1 s"}
    assert not any(thread.name == "progress" for thread in threading.enumerate())


def test_the_command_line_starts_without_the_platform() -> None:
    """What is loaded for `onesixty --help`: nothing of the server, no pydantic, no database driver."""
    code = (
        "import sys; from onesixty.cli.commands import application; application(); "
        "print(*[m for m in ('fastapi', 'pydantic', 'asyncpg', 'sqlalchemy', 'uvloop', 'rich', 'onesixty.app') "
        "if m in sys.modules])"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == ""


def commands() -> Iterator[tuple[str, Any]]:
    """Every command by its full name."""

    def walk(path: str, command: Any) -> Iterator[tuple[str, Any]]:
        if hasattr(command, "commands"):
            for name, inner in command.commands.items():
                yield from walk(f"{path} {name}", inner)
        else:
            yield path, command

    yield from walk("onesixty", typer.main.get_command(application()))


def test_the_reference_has_every_command_and_option() -> None:
    """docs/reference/cli.md: a heading for each command, and under it an entry for each option; no others."""
    sections = re.split(r"^## `([^`]+)`$", REFERENCE.read_text(), flags=re.MULTILINE)[1:]
    documented = dict(zip(sections[::2], sections[1::2], strict=True))
    expected = dict(commands())
    assert list(documented) == list(expected)
    for name, command in expected.items():
        entries = set(re.findall(r"^\| `(--[a-z-]+)(?:`| )", documented[name], re.MULTILINE))
        options = {
            spelling
            for param in command.params
            for spelling in (*param.opts, *param.secondary_opts)
            if spelling.startswith("--") and spelling != "--help"
        }
        assert entries == options, name
        for param in command.params:
            if param.envvar:
                assert f"`{param.envvar}`" in documented[name], f"{name}: {param.envvar}"


def test_a_command_of_before_names_the_new_one() -> None:
    for old, new in MOVED.items():
        refused = invoke(old, "--batch", "bat_1")
        assert refused.exit_code == console.MISUSED
        assert f"`onesixty {old}` is now `onesixty {new}`" in refused.output + refused.stderr
        assert invoke(*new.split(), "--help").exit_code == 0
