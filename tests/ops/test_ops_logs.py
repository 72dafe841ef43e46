"""Logs: one form for all, and nothing in them that is nobody's business."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from onesixty.ops import logs


@pytest.fixture(autouse=True)
def _restore() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_json_with_time_level_logger_and_event() -> None:
    stream = io.StringIO()
    logs.configure("info", "json", stream)
    structlog.get_logger("onesixty.dispatch").info("carrier_bound", carrier="acme", binds=2)
    (line,) = lines(stream)
    assert line.pop("time").endswith("Z")
    assert line == {
        "event": "carrier_bound", "level": "info", "logger": "onesixty.dispatch", "carrier": "acme", "binds": 2,
    }  # fmt: skip


def test_the_standard_library_ends_in_the_same_form() -> None:
    stream = io.StringIO()
    logs.configure("info", "json", stream)
    logging.getLogger("asyncio").warning("slow by %s", "0.3 s", extra={"password": "hush"})
    (line,) = lines(stream)
    assert (line["event"], line["level"], line["logger"]) == ("slow by 0.3 s", "warning", "asyncio")
    assert line["password"] == logs.MASK


def test_the_level_is_kept() -> None:
    stream = io.StringIO()
    logs.configure("warning", "json", stream)
    log = structlog.get_logger("onesixty")
    log.info("quiet")
    log.warning("loud")
    assert [line["event"] for line in lines(stream)] == ["loud"]


def test_requests_leave_no_line() -> None:
    stream = io.StringIO()
    logs.configure("info", "json", stream)
    logging.getLogger("uvicorn.access").info("POST /v1/sms/send")
    assert lines(stream) == []


def test_the_console_form_is_one_readable_line() -> None:
    stream = io.StringIO()
    logs.configure("info", "console", stream)
    structlog.get_logger("onesixty").info("carrier_bound", carrier="acme", to="+15551234567")
    (line,) = stream.getvalue().splitlines()
    assert "carrier_bound" in line
    assert "carrier=acme" in line
    assert "555123" not in line


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("text", "meet me"),
        ("password", "hush"),
        ("secret", b"hush"),
        ("Authorization", "Bearer hush"),
        ("key", "hush"),
        ("admin-key", "hush"),
        ("short_message", b"meet me"),
        ("body", {"text": "meet me"}),
    ],
)
def test_what_is_never_logged(name: str, value: object) -> None:
    assert logs.mask(None, "info", {"event": "x", name: value})[name] == logs.MASK
    inner = logs.mask(None, "info", {"event": "x", "request": {"list": [{name: value}]}})
    assert "hush" not in repr(inner)
    assert "meet" not in repr(inner)


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("to", "+15551234567", "********4567"),
        ("recipient", "15551234567", "*******4567"),
        ("to", 15551234567, "*******4567"),
        ("sender", "YourBrand", "YourBrand"),
        ("sender", "40404", "40404"),
        ("recipients", ["+15551234567"], ["********4567"]),
        ("detail", "no route to +15551234567.", "no route to ********4567."),
        ("url", "postgresql://user:hush@db/x", "postgresql://***@db/x"),
        ("detail", "sent Bearer abc.def", "sent Bearer ***"),
        ("detail", "system_id=a password=hush x", "system_id=a password=*** x"),
        ("detail", "{'password': 'hush'}", "{'password': '***'}"),
        (
            "detail",
            "no mail to ada.l+x@mail.example.com: refused",
            "no mail to ***@mail.example.com: refused",
        ),
        ("user", "ada@example.com", "***@example.com"),
        ("detail", "3 @ 4", "3 @ 4"),
        ("count", 12345678901, 12345678901),
        ("ok", True, True),
        ("nothing", None, None),
    ],
)
def test_what_is_shown_of_numbers_and_credentials(name: str, value: object, shown: object) -> None:
    assert logs.mask(None, "info", {"event": "x", name: value})[name] == shown


def test_a_traceback_is_masked_too() -> None:
    stream = io.StringIO()
    logs.configure("info", "json", stream)
    try:
        raise ValueError("cannot parse +15551234567, password=hush")
    except ValueError:
        structlog.get_logger("onesixty").exception("broken")
    (line,) = lines(stream)
    assert "ValueError" in line["exception"]
    assert "********4567" in line["exception"]
    assert "hush" not in stream.getvalue()
