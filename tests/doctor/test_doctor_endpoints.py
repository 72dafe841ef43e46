"""`/v1/doctor`, `/v1/settings` and `/v1/nodes`, and the command that runs beside a node and without one."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from onesixty import __version__
from onesixty.doctor.shown_settings import MASK, source_of, without_password
from onesixty.doctor.standard import CHECKS
from onesixty.ops.settings import Settings, load
from onesixty.store.leases import About
from tests.doors.office import Office
from tests.support.commands import invoke


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    made = await Office.open(data_dir=tmp_path, mail_server="smtp://postman:hush@127.0.0.1:1")
    yield made
    await made.close()


async def test_the_doctor_names_every_check_and_runs_the_costly_ones_when_asked(office: Office) -> None:
    await office.route()
    read = (await office.client().get("/v1/doctor")).json
    assert (read["version"], read["node"]) == (__version__, office.node.lease.id)
    assert [row["name"] for row in read["checks"]] == [check.name for check in CHECKS]
    levels = {row["name"]: row["level"] for row in read["checks"]}
    assert {levels[row["name"]] for row in read["checks"] if row["costs"]} == {"skipped"}
    assert (levels["database"], levels["leases"], levels["clock"], levels["webhooks"]) == (
        "ok",
        "ok",
        "ok",
        "ok",
    )
    assert levels["backups"] == "warning"
    ran = (await office.client().post("/v1/doctor")).json
    levels = {row["name"]: row["level"] for row in ran["checks"]}
    assert levels["mail_server"] == "error" == ran["level"]
    assert levels["fsync"] != "skipped"
    assert "hush" not in json.dumps(ran)
    (entry,) = (await office.client().get("/v1/audit?action=checked")).json["data"]
    assert (entry["action"], entry["object"]) == ("checked", "installation")


async def test_webhooks_that_fail_are_found_in_every_account(office: Office) -> None:
    made = await office.client().post("/v1/webhooks", {"url": "https://a.example/x", "events": ["*"]})
    await office.store.execute("webhook_failing", id=made.json["id"], failing_since=office.clock.now_ms())
    checks = (await office.client().get("/v1/doctor")).json["checks"]
    (row,) = (row for row in checks if row["name"] == "webhooks")
    assert (row["level"], made.json["id"] in row["found"]) == ("warning", True)
    assert row["remedy"]


async def test_settings_have_their_sources_and_no_secrets(office: Office) -> None:
    reply = await office.client().get("/v1/settings")
    rows = {row["name"]: row for row in reply.json["data"]}
    assert list(rows) == list(Settings.model_fields)
    assert rows["mail_server"]["value"] == MASK
    assert rows["mail_server"]["secret"] is True
    assert rows["lane_capacity"] == {
        "name": "lane_capacity", "variable": "ONESIXTY_LANE_CAPACITY", "value": 10_000, "default": 10_000,
        "source": "default", "secret": False,
    }  # fmt: skip
    assert "hush" not in reply.body.decode()


def test_a_setting_knows_where_it_comes_from(tmp_path: Path) -> None:
    (tmp_path / "onesixty.toml").write_text('lane_capacity = 5\nmax_segments = 3\n[[carriers]]\nname = "a"\n')
    environ = {"ONESIXTY_MAX_SEGMENTS": "4", "ONESIXTY_EXTENSIONS__SPOOL__PATH": "x"}
    found = load(environ, tmp_path)
    names = ("lane_capacity", "max_segments", "loop_limit", "carriers", "extensions")
    sources = [source_of(found, name, environ) for name in names]
    assert sources == ["file", "variable", "default", "file", "variable"]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://u:hush@db.example:5432/sms?sslmode=require",
         f"postgresql://u:{MASK}@db.example:5432/sms?sslmode=require"),
        ("postgresql://db.example/sms?user=u&password=hush",
         f"postgresql://db.example/sms?user=u&password={MASK}"),
        ("sqlite:///data/onesixty.db", "sqlite:///data/onesixty.db"),
    ],
)  # fmt: skip
def test_a_url_is_shown_without_its_password(url: str, shown: str) -> None:
    assert without_password(url) == shown


async def test_nodes_say_what_they_are(office: Office) -> None:
    client = office.client()
    (first,) = (await client.get("/v1/nodes")).json["data"]
    assert (first["state"], first["answers"], first["version"]) == ("running", True, None)
    about = About(version="1.2.3", addresses={"http": "127.0.0.1:8160"}, roles=["api"], processes=2)
    await office.node.lease.describe(about)
    rows = await office.store.execute(
        "lease_start", node="far", now=office.clock.now_ms(), ttl=1_000, sessions="[]"
    )
    office.clock.turn(5.0)
    page = (await client.get("/v1/nodes?limit=1")).json
    assert [(row["name"], row["state"], row["lease"]) for row in page["data"]] == [
        ("far", "gone", rows[0][0])
    ]
    (described,) = (await client.get(f"/v1/nodes?after={page['next']}")).json["data"]
    assert (described["version"], described["processes"], described["roles"]) == ("1.2.3", 2, ["api"])
    assert described["addresses"] == {"http": "127.0.0.1:8160"}
    await office.store.execute("lease_end", id=rows[0][0], now=office.clock.now_ms())
    stopped = (await client.get("/v1/nodes")).json["data"][0]
    assert (stopped["state"], stopped["lease_seconds"]) == ("stopped", None)
    for after in ("x", "9" * 20):  # beyond what a database knows
        assert (await client.get(f"/v1/nodes?after={after}")).json["param"] == "after"


async def test_none_of_it_is_for_customers(office: Office) -> None:
    for path in ("/v1/doctor", "/v1/settings", "/v1/nodes"):
        refused = await office.client(office.test).get(path)
        assert (refused.status, refused.json["code"]) == (403, "wrong_mode")


def run(tmp_path: Path, *arguments: str, **variables: str) -> Any:
    env = {
        "ONESIXTY_DATA_DIR": str(tmp_path / "data"),
        "ONESIXTY_HTTP_LISTEN": "127.0.0.1:0",
        "ONESIXTY_SMPP_LISTEN": "",
    }
    return invoke(*arguments, env=env | {f"ONESIXTY_{name}": value for name, value in variables.items()})


def test_the_command_works_without_a_node_and_without_a_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    none = run(tmp_path, "doctor", "--quick", "--json")
    assert none.exit_code == 1
    levels = {row["name"]: row["level"] for row in json.loads(none.stdout)["checks"]}
    assert (levels["database"], levels["secret"], levels["fsync"]) == ("error", "warning", "skipped")
    assert run(tmp_path, "init").exit_code == 0
    found = run(tmp_path, "doctor", "--json")
    told = json.loads(found.stdout)
    levels = {row["name"]: row["level"] for row in told["checks"]}
    assert (levels["database"], levels["leases"], levels["backups"]) == ("ok", "warning", "warning")
    assert (told["node"], levels["ports"]) == (None, "ok")
    assert levels["fsync"] in ("ok", "warning", "error")


def test_the_command_runs_the_checks_if_no_node_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = run(tmp_path, "doctor", "--quick", "--json", "--key", "a-key", "--url", "http://127.0.0.1:1")
    assert "The checks run here instead." in found.stderr
    assert json.loads(found.stdout)["node"] is None
