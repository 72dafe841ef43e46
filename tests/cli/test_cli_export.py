"""The commands that export: what breaks off is gone on with, and nothing comes twice."""

import io
import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from onesixty.cli import export
from onesixty.cli.client import Client, Refused, Unreachable
from tests.support.commands import invoke

IDS = [f"msg_{place}" for place in range(5)]


FILTERS = [("country_not", "DE"), ("country_not", "AT")]
HEAD = "id,text\r\n"


def json_line(id_: str) -> str:
    return json.dumps({"id": id_, "text": "two\nlines"}) + "\n"


def csv_line(id_: str) -> str:
    return f'{id_},"two\r\nlines, and ""more"""\r\n'


class Server:
    """Streams the lines after `after`; `faults` are what each stream ends with, after how many lines."""

    def __init__(self, *faults: tuple[int, Exception | str]) -> None:
        self.faults = list(faults)
        self.asked: list[dict[str, list[str]]] = []

    def stream(self, path: str, _headers: dict[str, str], *, ends: bool) -> Iterator[str]:
        assert ends
        query = parse_qs(urlsplit(path).query)
        self.asked.append(query)
        as_csv = query["format"] == ["csv"]
        rest = IDS[IDS.index(query["after"][0]) + 1 :] if "after" in query else IDS
        lines, fault = self.faults.pop(0) if self.faults else (len(rest), None)
        if isinstance(fault, Refused):
            raise fault
        if as_csv and "after" not in query:
            yield HEAD
        for one in map(csv_line if as_csv else json_line, rest[:lines]):
            yield from one.splitlines(keepends=True)
        if isinstance(fault, Exception):
            raise fault
        if fault:
            yield fault

    def close(self) -> None: ...


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "_PAUSES", (0.0, 0.0, 0.0))


def run(server: Any, *, after: str | None = None, format_: str = "csv") -> str:
    file = io.StringIO(newline="")
    target = export.Target(None, ExitStack(), file)
    export.pass_on(server, "/v1/things/export", [*FILTERS, ("format", format_)], after, target)
    return file.getvalue()


@pytest.mark.parametrize("format_", ["csv", "jsonl"])
def test_what_breaks_off_is_gone_on_with(format_: str) -> None:
    busy = Refused(503, {"code": "unavailable", "retryable": True})
    cut = csv_line("msg_9").splitlines(keepends=True)[0] if format_ == "csv" else json_line("msg_9")[:20]
    faults: list[tuple[int, Exception | str]] = [
        (0, ConnectionResetError("reset")),
        (2, ConnectionResetError("reset")),
        (0, Unreachable("down")),
        (0, busy),
        (1, cut),
    ]
    server = Server(*faults)
    whole = (HEAD + "".join(map(csv_line, IDS))) if format_ == "csv" else "".join(map(json_line, IDS))
    assert run(server, format_=format_) == whole
    assert [query.get("after") for query in server.asked] == [None, None, *[["msg_1"]] * 3, ["msg_2"]]
    assert all(query["country_not"] == ["DE", "AT"] for query in server.asked)
    assert all(query["format"] == [format_] for query in server.asked)


def test_the_rest_has_no_header_line() -> None:
    for format_, line in (("csv", csv_line), ("jsonl", json_line)):
        assert run(Server(), after="msg_2", format_=format_) == line("msg_3") + line("msg_4")


def test_it_gives_up_and_says_where(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run(Server((1, OSError("gone")), *[(0, OSError("gone"))] * 3))
    assert "continue with --after msg_0" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        run(Server((0, Refused(422, {"code": "invalid_parameter", "detail": "no"}))))
    assert "invalid_parameter" in capsys.readouterr().err


def test_what_is_refused_leaves_no_file_and_prints_no_head(tmp_path: Path) -> None:
    output, shown = tmp_path / "made.csv", io.StringIO()
    for path in (output, None):
        target = export.Target(path, ExitStack(), shown)
        refused: Any = Server((0, Refused(422, {"detail": "No."})))
        with pytest.raises(SystemExit):
            export.pass_on(refused, "/v1/things/export", [("format", "csv")], None, target)
    assert not output.exists()
    assert shown.getvalue() == ""


def test_nothing_to_export_is_a_head_alone() -> None:
    assert run(Server((0, ""))) == HEAD
    assert run(Server((0, "")), format_="jsonl") == ""


def test_a_reader_that_has_enough_ends_it() -> None:
    class Full(io.StringIO):
        def write(self, _text: str) -> int:
            raise BrokenPipeError

    server: Any = Server()
    with pytest.raises(BrokenPipeError):  # which the command line takes for a quiet end
        export.pass_on(
            server, "/v1/things/export", [("format", "csv")], None, export.Target(None, ExitStack(), Full())
        )


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        ("message export --status sent --status queued", "/v1/messages/export?status=sent&status=queued"),
        ("refusal export --to +15551234567", "/v1/refusals/export?to=%2B15551234567"),
        ("batch export --state canceled", "/v1/batches/export?state=canceled"),
        ("verify export --guard-not range", "/v1/verifications/export?guard_not=range"),
        (
            "webhook export-deliveries whk_1 --status failed",
            "/v1/webhooks/whk_1/deliveries/export?status=failed",
        ),
        ("number export --mode test", "/v1/numbers/export?mode=test"),
        ("verify-guard export-blocks --action hold", "/v1/verify-blocks/export?action=hold"),
        ("account export-adjustments --account-id acc_1", "/v1/adjustments/export?account_id=acc_1"),
        ("alert export --status firing", "/v1/alerts/export?status=firing"),
    ],
)
def test_every_export_has_its_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: str, path: str
) -> None:
    server = Server()
    asked: list[str] = []

    def stream(_client: Client, path: str, headers: dict[str, str], *, ends: bool) -> Iterator[str]:
        asked.append(path)
        return server.stream(path, headers, ends=ends)

    monkeypatch.setattr(Client, "stream", stream)
    output = tmp_path / "made.csv"
    result = invoke(*arguments.split(), "--output", str(output), env={"ONESIXTY_KEY": "a-key"})
    assert result.exit_code == 0, result.output
    assert asked == [f"{path}&format=csv"]
    assert output.read_bytes().decode() == HEAD + "".join(map(csv_line, IDS))
    assert output.stat().st_mode & 0o777 == 0o600
    again = invoke(*arguments.split(), "--output", str(output), env={"ONESIXTY_KEY": "a-key"})
    assert (again.exit_code, "already exists" in again.output) == (2, True)
