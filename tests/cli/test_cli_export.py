"""`onesixty export`: what breaks off is gone on with, and nothing comes twice."""

import csv
import io
import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from onesixty.channels.sms.view import sms_view
from onesixty.cli import export
from onesixty.cli.client import Refused, Unreachable
from onesixty.core.message import Message

IDS = [f"msg_{place}" for place in range(5)]


def line(id_: str) -> str:
    message = Message(
        id=id_, account_id="acc_1", test=False, sender="Acme", recipient="+15551234567", text="hello",
        encoding="gsm7", segments=1, class_="otp", created_at=1, expires_at=2, status="queued",
    )  # fmt: skip
    return json.dumps(sms_view(message))


class Server:
    """Streams the messages after `after`; `faults` are what each stream ends with, after how many lines."""

    def __init__(self, *faults: tuple[int, Exception | str]) -> None:
        self.faults = list(faults)
        self.asked: list[dict[str, list[str]]] = []

    def stream(self, path: str, _headers: dict[str, str]) -> Iterator[str]:
        query = parse_qs(urlsplit(path).query)
        self.asked.append(query)
        rest = IDS[IDS.index(query["after"][0]) + 1 :] if "after" in query else IDS
        lines, fault = self.faults.pop(0) if self.faults else (len(rest), None)
        yield from map(line, rest[:lines])
        if isinstance(fault, str):
            yield fault
        elif fault is not None:
            raise fault

    def close(self) -> None: ...


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "_PAUSES", (0.0, 0.0, 0.0))


def run(server: Any, *, after: str | None = None, as_csv: bool = True) -> str:
    file = io.StringIO(newline="")
    target = export._Target(None, ExitStack(), file)
    export._export(server, {"status": "sent", "country_not": ["DE", "AT"]}, after, target, as_csv=as_csv)
    return file.getvalue()


def ids_of(text: str) -> list[str]:
    return [row["id"] for row in csv.DictReader(io.StringIO(text, newline=""))]


def test_what_breaks_off_is_gone_on_with() -> None:
    busy = Refused(503, {"code": "unavailable", "retryable": True})
    server = Server(
        (2, ConnectionResetError("reset")), (0, Unreachable("down")), (0, busy), (1, line("msg_9")[:40])
    )
    assert ids_of(run(server)) == IDS
    assert [query.get("after") for query in server.asked] == [None, *[["msg_1"]] * 3, ["msg_2"]]
    assert all(query["status"] == ["sent"] for query in server.asked)
    assert all(query["country_not"] == ["DE", "AT"] for query in server.asked)


def test_lines_are_passed_on_as_they_are() -> None:
    assert run(Server(), after="msg_2", as_csv=False) == f"{line('msg_3')}\n{line('msg_4')}\n"


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
        target = export._Target(path, ExitStack(), shown)
        refused: Any = Server((0, Refused(422, {"detail": "No."})))
        with pytest.raises(SystemExit):
            export._export(refused, {}, None, target, as_csv=True)
    assert not output.exists()
    assert shown.getvalue() == ""


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    output = tmp_path / "made.csv"
    server: Any = Server((0, ""))
    with ExitStack() as stack:
        export._export(server, {}, None, export._Target(output, stack, io.StringIO()), as_csv=True)
    assert output.stat().st_mode & 0o777 == 0o600
    assert output.read_text().startswith("id,")


def test_nothing_to_export_is_a_head_alone() -> None:
    assert run(Server((0, ""))).startswith("id,")


def test_a_reader_that_has_enough_ends_it() -> None:
    class Full(io.StringIO):
        def write(self, _text: str) -> int:
            raise BrokenPipeError

    server: Any = Server()
    with pytest.raises(BrokenPipeError):  # which the command line takes for a quiet end
        export._export(server, {}, None, export._Target(None, ExitStack(), Full()), as_csv=True)
