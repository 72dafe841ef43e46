"""The commands as processes: `serve` and what it prints, and the commands that call a running server."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.process import Product
from tests.support.waiting import free_port, wait_until

pytestmark = pytest.mark.system

NewProduct = Callable[..., Product]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A running server for all tests of this file that call one. The commands find it by themselves, with the key of
    the operator."""
    product = Product(tmp_path_factory.mktemp("server"))
    product.settings |= {"url": product.url, "key": product.admin_key}
    product.start()
    try:
        yield product
    finally:
        product.end()


def printed(product: Product, pattern: str) -> str:
    """What the product has printed once the pattern is in it."""
    return wait_until(
        lambda: (text := product.stdout.read_text()) and re.search(pattern, text) and text,
        what=f"{pattern!r} on standard output",
    )


def test_the_first_start_prints_a_call_that_works_as_it_stands(new_product: NewProduct) -> None:
    curl, bash = shutil.which("curl"), shutil.which("bash")
    if curl is None or bash is None:
        pytest.skip("needs curl and bash")
    product = new_product()
    del product.settings["admin_key"]
    product.start()
    text = printed(product, "482931")
    call = text[text.index("curl -X POST") : text.index("\n\n", text.index("curl -X POST"))]
    ran = subprocess.run([bash, "-c", call], capture_output=True, text=True, timeout=30, check=True)
    answer = json.loads(ran.stdout)
    assert answer["status"] == "queued"
    assert answer["recipient"] == "+15551234567"
    key = re.search(r"Bearer (\S+)\"", call)
    assert key is not None
    product.settings |= {"url": product.url, "key": key[1]}
    sent = product.command("send", "--to", "+15551234567", "--text", "Hi", "--wait")
    assert sent.returncode == 0, sent.stderr


def test_keys_are_printed_at_the_first_start_only_and_never_logged(new_product: NewProduct) -> None:
    product = new_product()
    del product.settings["admin_key"]
    product.start()
    first = printed(product, "482931")
    secrets = re.findall(r"os_(?:live|test)_[A-Za-z0-9]{38}", first)
    assert {secret[:8] for secret in secrets} == {"os_live_", "os_test_"}
    product.stop()
    product.start()
    again = printed(product, "key create --local")
    assert again.count(product.url) > 0
    for secret in secrets:
        assert again.count(secret) == first.count(secret)
        assert secret not in product.stderr.read_text()


def test_metrics_with_an_address_of_their_own_are_no_longer_on_the_api(new_product: NewProduct) -> None:
    apart = f"127.0.0.1:{free_port()}"
    product = new_product(metrics_listen=apart).start()

    def status(url: str) -> int:
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    with urllib.request.urlopen(f"http://{apart}/metrics", timeout=10) as answer:
        assert "onesixty_ready 1" in answer.read().decode()
    assert status(f"{product.url}/metrics") == 404
    for place in (product.url, f"http://{apart}"):
        assert status(f"{place}/healthz") == status(f"{place}/readyz") == 200
    assert status(f"http://{apart}/docs") == 404


def test_where_the_operator_gave_a_key_no_other_is_made_or_shown(new_product: NewProduct) -> None:
    server = new_product().start()
    server.settings |= {"url": server.url, "key": server.admin_key}
    text = printed(server, "ready")
    assert "os_live_" not in server.log
    assert "os_test_" not in server.log
    assert server.admin_key not in server.log
    assert "ONESIXTY_ADMIN_KEY" in text
    listed = json.loads(server.command("key", "list").stdout)
    assert [key["name"] for key in listed] == ["admin key"]


@pytest.mark.parametrize("setting", ["http_listen", "smpp_listen"])
def test_an_address_that_is_taken_is_named_before_anything_is_made(
    new_product: NewProduct, tmp_path: Path, setting: str
) -> None:
    product = new_product(data_dir=tmp_path / "data")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        product.settings[setting] = f"127.0.0.1:{port}"
        ran = product.command("serve")
    assert ran.returncode == 1
    said = f"onesixty: cannot start: ONESIXTY_{setting.upper()}: cannot listen on 127.0.0.1:{port}: "
    assert said in ran.stderr
    # A slow machine is told that the start goes on; no key is made.
    assert all(line.startswith("onesixty: starting, ") for line in ran.stdout.splitlines())
    assert not (tmp_path / "data").exists()


def test_an_interrupted_start_ends_without_a_traceback(new_product: NewProduct) -> None:
    product = new_product()
    product.allow_log(r"ResourceWarning: unclosed file .*\.pyc")  # the import that was broken off
    product.spawn("serve")
    wait_until(lambda: "starting" in product.log, what="the start")
    os.killpg(product.pid, signal.SIGINT)
    assert product.wait_for_end() in (0, 1, 130, -signal.SIGINT)
    assert "Traceback" not in product.log


def test_send_follows_a_message_to_its_end(server: Product) -> None:
    ran = server.command("send", "--to", "+15551234567", "--text", "Hi", "--from", "YourBrand", "--wait")
    assert ran.returncode == 0, ran.stderr
    head, *history = ran.stdout.splitlines()
    assert re.fullmatch(r"msg_\w{26}  queued", head)
    types = [line.split()[1] for line in history]
    assert types[0] == "accepted"
    assert {"message.sent", "receipt", "message.delivered"} <= set(types)
    (attempt,) = (line for line in history if line.split()[1] == "attempt")
    assert re.search(r" route=\S+  carrier=\S+  outcome=accepted", attempt), attempt
    rows = json.loads(server.command("message", "history", head.split()[0]).stdout)
    (attempt_row,) = (row for row in rows if row["type"] == "attempt")
    assert f"route={attempt_row['route']}  carrier={attempt_row['carrier']}" in attempt


def test_send_says_what_the_server_refuses(server: Product) -> None:
    ran = server.command("send", "--to", "12", "--text", "Hi")
    assert ran.returncode == 1
    assert re.fullmatch(r"onesixty: .+ \(\w+, field to\)\n", ran.stderr), ran.stderr
    assert ran.stdout == ""


def test_send_has_a_bound(server: Product) -> None:
    ran = server.command("send", "--to", "+15551234567", "--text", "Hi", "--wait", "--timeout", "0")
    assert ran.returncode == 1
    assert "no final status within 0 s" in ran.stderr


def test_keys_of_a_running_server(server: Product) -> None:
    """A key made over HTTP or in the database opens the server; a revoked one does not."""
    for local in ([], ["--local"]):
        made = server.command("key", "create", "--mode", "test", "--scope", "messages:send", *local)
        assert made.returncode == 0, made.stderr
        key_id, secret = re.match(r"(key_\w+)  test  .+\n(os_test_\w+)\n", made.stdout).groups()  # type: ignore[union-attr]
        assert key_id in server.command("key", "list", *local).stdout
        send = ("send", "--to", "+15551234567", "--text", "Hi", "--key", secret)
        assert server.command(*send).returncode == 0
        assert server.command("key", "revoke", key_id, *local).returncode == 0
        refused = wait_until(
            lambda send=send: (ran := server.command(*send)).returncode and ran,  # type: ignore[misc]
            what="the refusal of the revoked key",
        )
        assert "key_revoked" in refused.stderr


def test_a_command_says_why(server: Product) -> None:
    made = json.loads(server.command("key", "create", "--json", "--reason", "for the shop").stdout)
    why = "gel\u00f6scht: ticket 4711"
    assert server.command("key", "revoke", made["id"], "--reason", why).returncode == 0

    def reasons() -> list[str] | None:
        listed = server.command("audit-log", "list", "--object-id", made["id"], "--json")
        found = [entry["reason"] for entry in json.loads(listed.stdout)]
        return found if len(found) == 2 else None

    assert wait_until(reasons, 10, "the entries") == [why, "for the shop"]


def test_what_has_a_name_is_named_by_it(server: Product, tmp_path: Path) -> None:
    texts = tmp_path / "template.json"
    texts.write_text('{"default_language": "en", "texts": {"en": "Hello"}}')
    for group, make, name in (
        ("verify-profile", ("--name", "log in", "--application", "Acme"), "log in"),
        (
            "template",
            ("--name", "hello-there", "--purpose", "transactional", "--file", str(texts)),
            "hello-there",
        ),
        ("credential", ("--system-id", "esme7"), "esme7"),
    ):
        made = server.command(group, "create", *make, "--json")
        assert made.returncode == 0, made.stderr
        id_ = json.loads(made.stdout)["id"]
        for key in (name, id_):
            got = server.command(group, "get", key, "--json")
            assert got.returncode == 0, got.stderr
            assert json.loads(got.stdout)["id"] == id_
        end = "delete" if group == "verify-profile" else "remove"
        assert server.command(group, end, name).returncode == 0
        gone = server.command(group, end, "nobody")
        assert (gone.returncode, "not found" in gone.stderr) == (5, True), gone.stderr


def test_audit_beside_a_running_server(server: Product) -> None:
    load = server.command("load", "http", "--count", "50", "--connections", "5", "--json")
    assert load.returncode == 0, load.stdout + load.stderr
    assert json.loads(load.stdout)["accepted"] == 50
    audit = server.command("audit")
    assert audit.returncode == 0, audit.stdout
    held = re.search(r"promise 5  ok (\d+) +hold", audit.stdout)
    assert held, audit.stdout
    assert int(held[1]) >= 50


def test_two_servers_cannot_share_a_sqlite_file(server: Product, new_product: NewProduct) -> None:
    other = new_product(data_dir=server.settings["data_dir"])
    ran = other.command("serve")
    assert ran.returncode == 1
    assert "another process is using the database" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_load_over_smpp_meets_a_simulated_smsc() -> None:
    command = [sys.executable, "-m", "onesixty"]
    options = ["--port", "0", "--misbehave", "fragmented", "--latency-ms", "1", "--receipt-delay-ms", "1"]
    with subprocess.Popen(
        [*command, "simulate", "smsc", *options], stdout=subprocess.PIPE, text=True
    ) as smsc:
        try:
            assert smsc.stdout is not None
            listening = re.fullmatch(r"SMSC on 127\.0\.0\.1:(\d+)\n", smsc.stdout.readline())
            assert listening is not None
            target = ["--port", listening[1], "--system-id", "load", "--password", "secret", "--count", "20"]
            load = subprocess.run(
                [*command, "load", "smpp", *target], capture_output=True, text=True, timeout=40, check=False
            )
            assert load.returncode == 0, load.stdout + load.stderr
            assert load.stdout.startswith("20 of 20 accepted")
            assert "20 delivery reports" in load.stdout
        finally:
            smsc.send_signal(signal.SIGTERM)
        assert smsc.wait(10) == 0
