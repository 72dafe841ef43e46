"""The commands that are made of the tables of resources: what they ask, what they show, how they end."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from click.testing import Result

from onesixty.cli import client
from onesixty.cli.client import Refused, Unreachable
from onesixty.cli.resource_tables import resources
from onesixty.cli.resources import FLAG, INT, TEXTS, Field, Verb, _asked
from tests.support.commands import invoke

#: Operations of the API that have no verb of a resource: other commands do them, or programs alone.
ELSEWHERE = {
    "POST /v1/sms/send": "send",
    "POST /v1/sms/batch": "programs",
    "POST /v1/sms/preview": "programs",
    "POST /v1/messages/{id}/reply": "programs",
    "GET /v1/audit/export": "audit-log export",
    "POST /v1/documents": "document upload",
    "GET /v1/documents/{id}/file": "document download",
    "GET /v1/events": "tail",
    "GET /v1/search": "search",
    "GET /v1/carriers/{id}/probe/{message_id}": "message get",
    "GET /v1/templates/{id}/versions/{version}": "template versions",
    "POST /v1/carriers/check": "carrier check",
    "GET /v1/doctor": "doctor",
    "POST /v1/doctor": "doctor",
    "GET /v1/me": "browsers",
    "PATCH /v1/me": "browsers",
}
#: What begins with these is served by other groups: key, user, capture, handset, simulate; or called by
#: providers and browsers.
GROUPS = (
    "/v1/users", "/v1/me/", "/v1/sessions", "/v1/sign-in", "/v1/oidc", "/v1/setup", "/v1/password-resets",
    "/v1/email-changes",
    "/v1/roles", "/v1/invitations/show", "/v1/invitations/accept", "/v1/keys", "/v1/scopes",
    "/v1/captures", "/v1/sandbox", "/v1/lookup", "/v1/number-ranges", "/v1/webhooks/callback-secret",
)  # fmt: skip


class Asked:
    """Takes the calls of the commands; answers as told."""

    def __init__(self, answer: Any = None) -> None:
        self.answer = answer
        self.calls: list[tuple[str, str, Any]] = []
        #: The headers of the last call.
        self.headers: dict[str, str] = {}

    def call(self, calling: Any, method: str, path: str, body: Any = None) -> Any:
        self.headers = calling._headers
        self.calls.append((method, path, body))
        answer = self.answer.pop(0) if isinstance(self.answer, list) else self.answer
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    made = Asked({"id": "x"})

    def call(self: Any, method: str, path: str, body: Any = None) -> Any:
        return made.call(self, method, path, body)

    monkeypatch.setattr(client.Client, "call", call)
    return made


def run(*arguments: str, **more: Any) -> Result:
    return invoke(*arguments, env={"ONESIXTY_KEY": "a-key"}, **more)


@pytest.mark.parametrize(
    ("arguments", "call"),
    [
        (
            "carrier create --name acme --type smpp --settings port=2775 --settings host=a.example "
            '--settings password="8" --enabled false',
            (
                "POST",
                "/v1/carriers",
                {
                    "name": "acme", "type": "smpp", "enabled": False,
                    "settings": {"port": 2775, "host": "a.example", "password": "8"},
                },
            ),
        ),
        ("route change default --carriers a --carriers b --priority 5",
         ("PATCH", "/v1/routes/default", {"carriers": ["a", "b"], "priority": 5})),
        ("message change msg_1 --clear scheduled_at --text Hi",
         ("PATCH", "/v1/messages/msg_1", {"text": "Hi", "scheduled_at": None})),
        ("message reroute --country DE --to-carrier acme --dry-run true",
         ("POST", "/v1/messages/reroute",
          {"filter": {"country": "DE"}, "to": {"carrier": "acme"}, "dry_run": True})),
        ("webhook create --target https://a.example --events *",
         ("POST", "/v1/webhooks", {"url": "https://a.example", "events": ["*"]})),
        ("webhook test whk_1", ("POST", "/v1/webhooks/whk_1/test", None)),
        ("account change acc_1 --price-per-segment 0.01",
         ("PATCH", "/v1/accounts/acc_1", {"price_per_segment": "0.01"})),
        ("alert change-rule carrier_down --for-seconds 5",
         ("PATCH", "/v1/alert-rules/carrier_down", {"for_seconds": 5})),
        ("number remove num/1", ("DELETE", "/v1/numbers/num%2F1", None)),
        ("account show", ("GET", "/v1/account", None)),
    ],
)  # fmt: skip
def test_options_become_the_call(asked: Asked, arguments: str, call: tuple[str, str, Any]) -> None:
    result = run(*arguments.split())
    assert result.exit_code == 0, result.output
    assert asked.calls == [call]
    assert json.loads(result.stdout) == {"id": "x"}


@pytest.mark.parametrize(
    ("arguments", "sent"),
    [
        ("number remove num_1", True),
        ("webhook test whk_1", True),
        ("key revoke key_01m82tyk2xe5dskmt8vj2099fg", True),
        ("user change usr_1 --role viewer", True),
        ("carrier pause acme", False),  # a pause has a reason of its own
    ],
)
def test_a_change_says_why(asked: Asked, arguments: str, sent: bool) -> None:
    result = run(*arguments.split(), "--reason", "gel\u00f6scht: ticket 7")
    assert result.exit_code == 0, result.output
    given = asked.headers.get("Onesixty-Reason")
    assert given == ("gel\u00f6scht: ticket 7".encode().decode("latin-1") if sent else None)
    assert (asked.calls[0][2] or {}).get("reason") == (None if sent else "gel\u00f6scht: ticket 7")


def test_a_reason_is_one_line(asked: Asked) -> None:
    assert run("webhook", "test", "whk_1", "--reason", "a\r\nX-Other: b").exit_code == 2
    assert run("key", "create", "--local", "--reason", "a").exit_code == 2
    assert run("message", "list", "--reason", "a").exit_code == 2
    assert asked.calls == []


def test_a_body_comes_from_a_file_with_options_on_top(asked: Asked) -> None:
    body = {"name": "one", "carriers": ["a"], "match": {"countries": ["DE"]}}
    result = run(
        "route",
        "create",
        "--file",
        "-",
        "--name",
        "two",
        "--match",
        'classes=["otp"]',
        input=json.dumps(body),
    )
    assert result.exit_code == 0, result.output
    assert asked.calls[0][2] == {
        "name": "two", "carriers": ["a"], "match": {"countries": ["DE"], "classes": ["otp"]},
    }  # fmt: skip


@pytest.mark.parametrize(
    "arguments",
    [
        "route change default",
        "carrier create --name a --settings port",
        "route create --file /nowhere/at/all.json",
        "message list --direction sideways",
    ],
)
def test_what_is_misused_asks_nobody(asked: Asked, arguments: str) -> None:
    assert run(*arguments.split()).exit_code == 2
    assert asked.calls == []


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ("message cancel-all", ["--account", "--status", "--class"]),
        ("message requeue --dry-run true", ["--account"]),
        ("message reroute --country DE", ["--to-route", "--to-carrier"]),
        ("webhook create --events *", ["--target"]),
        ("account create --name Acme", ["--price-per-segment"]),
    ],
)
def test_what_is_missing_is_named_by_its_options(asked: Asked, arguments: str, named: list[str]) -> None:
    result = run(*arguments.split())
    assert result.exit_code == 2
    assert asked.calls == []
    assert all(option in result.stderr for option in named), result.stderr


def test_the_help_marks_what_is_needed() -> None:
    assert "Required, here or in the file." in run("account", "create", "--help").stdout
    told = run("message", "cancel-all", "--help").stdout
    assert "At least one of --account" in " ".join(told.split())


def test_a_query_has_truths_in_the_words_of_json_and_a_list_once_for_each() -> None:
    fields = (Field("test", "", FLAG), Field("tags", "", TEXTS), Field("limit", "", INT, option="limit_"))
    verb = Verb("find", "", "GET", "/v1/x", fields=fields)
    _, query = _asked(verb, {"f_test": "false", "f_tags": ["a", "b"], "f_limit_": 3})
    assert query == [("test", "false"), ("tags", "a"), ("tags", "b"), ("limit", "3")]


def _page() -> str:
    from tests.support.postgres import ROOT

    return (ROOT / "docs" / "reference" / "endpoints.md").read_text()


def test_what_the_api_requires_is_required() -> None:
    """By the page of endpoints, where the name of a required field is bold."""
    required = {
        section.splitlines()[0]: set(re.findall(r"^\| \*\*`(\w+)`\*\* \|", section, re.MULTILINE))
        for section in _page().split("\n### ")
    }
    checked = 0
    for verb in (verb for resource in resources() for verb in resource.verbs if verb.method == "POST"):
        said = {field.name for field in verb.fields if field.required} | set(verb.needs)
        in_path = set(re.findall(r"{(\w+)}", verb.path))
        assert said == required[f"POST {verb.path}"] - in_path, verb.path
        checked += bool(said)
    assert checked >= 8


def test_lists_are_read_page_by_page_up_to_the_limit(asked: Asked) -> None:
    asked.answer = [
        {"data": [{"id": f"msg_{n}"} for n in range(200)], "next": "msg_199"},
        {"data": [{"id": "msg_200"}], "next": None},
    ]
    result = run("message", "list", "--status", "sent", "--limit", "500")
    assert len(json.loads(result.stdout)) == 201
    assert [path for _, path, _ in asked.calls] == [
        "/v1/messages?limit=200&status=sent",
        "/v1/messages?limit=200&status=sent&after=msg_199",
    ]


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (Refused(422, {"detail": "No."}), 1),
        (Unreachable("no answer"), 8),
        (Refused(401, {}), 4),
        (Refused(403, {}), 4),
        (Refused(404, {}), 5),
        (Refused(409, {}), 6),
        (Refused(429, {"retryable": True}), 7),
        (Refused(503, {"retryable": True}), 7),
    ],
)
def test_the_status_says_what_kind_of_failure_it_was(asked: Asked, answer: Exception, status: int) -> None:
    asked.answer = answer
    result = run("route", "list")
    assert result.exit_code == status
    assert result.stderr == f"onesixty: {answer}\n"
    assert result.stdout == ""


def test_a_terminal_gets_a_table(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onesixty.cli.output.wants_json", lambda as_json: as_json)
    asked.answer = {
        "data": [{"name": "[red]acme", "priority": 5, "carriers": ["a"], "match": {}, "enabled": True}],
        "next": None,
    }
    heading, row = run("route", "list").stdout.splitlines()
    assert heading.split() == ["name", "priority", "carriers", "match", "enabled"]
    assert row.split() == ["[red]acme", "5", "a", "{}", "yes"]
    asked.answer = {"id": "x", "settings": {"port": 1}, "tags": []}
    shown = run("route", "get", "x").stdout.splitlines()
    assert [line.split() for line in shown if line.strip()] == [
        ["id", "x"],
        ["settings.port", "1"],
        ["tags", "-"],
    ]


@pytest.mark.parametrize(
    ("variables", "file", "url"),
    [
        ({}, "", "http://127.0.0.1:8160"),
        ({"ONESIXTY_HTTP_LISTEN": "0.0.0.0:9000"}, "", "http://127.0.0.1:9000"),
        ({"ONESIXTY_HTTP_LISTEN": "[::]:9000"}, 'http_listen = "127.0.0.1:1"', "http://[::1]:9000"),
        ({}, 'http_listen = "127.0.0.1:9001"', "http://127.0.0.1:9001"),
        ({}, "no toml", "http://127.0.0.1:8160"),
    ],
)
def test_the_server_is_where_the_settings_say(
    variables: dict[str, str], file: str, url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("ONESIXTY_HTTP_LISTEN", "ONESIXTY_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "onesixty.toml").write_text(file)
    assert client.default_url() == url


def test_every_operation_of_the_api_has_a_command() -> None:
    """By the page of endpoints, which a test holds against the running product."""
    offered = set(re.findall(r"^### ((?:GET|POST|PUT|PATCH|DELETE) /v1/\S+)$", _page(), re.MULTILINE))
    offered = {
        one
        for one in offered
        if not one.split()[1].startswith(GROUPS) and not one.endswith(("/receipts", "/inbound"))
    }
    made = {f"{verb.method} {verb.path}" for resource in resources() for verb in resource.verbs}
    assert offered - made == set(ELSEWHERE)
    assert made <= offered


def test_every_option_says_what_it_is() -> None:
    for resource in resources():
        for verb in resource.verbs:
            assert not [field.name for field in verb.fields if not field.about], (resource.name, verb.name)
