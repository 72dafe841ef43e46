"""Logs: one line per event, as JSON or for the console, without bodies, texts, secrets or full numbers.

Rules kept here:
- structlog and the standard library's logging end in one format on one stream;
- values under a known key (text, password, ...) are masked at any depth, phone numbers are cut to their last four
  digits; credentials in URLs and after "Bearer", and what stands before the @ of an e-mail address, are removed, in
  messages and tracebacks alike. The processor is the last line of defence: callers should not pass such values;
- nothing writes a line per message at the default level; callers keep this rule, and the test suite checks it.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Mapping
from typing import Any, Final, Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor

#: The format of lines: for programs, for people, or whichever fits the stream.
Form = Literal["auto", "json", "console"]

MASK: Final = "***"

#: Keys whose values are never logged. Compared in lower case, with `-` as `_`.
SECRET_KEYS: Final = frozenset(
    {
        "admin_key",
        "api_key",
        "authorization",
        "body",
        "key",
        "message_payload",
        "password",
        "payload",
        "secret",
        "short_message",
        "signature",
        "text",
        "token",
    }
)

#: Keys whose values are phone numbers, with or without a plus.
NUMBER_KEYS: Final = frozenset(
    {
        "destination",
        "destination_addr",
        "from",
        "msisdn",
        "number",
        "recipient",
        "sender",
        "source_addr",
        "to",
    }
)

_PLUS_NUMBER: Final = re.compile(r"\+\d{3,11}(?=\d{4}(?!\d))")
_BARE_NUMBER: Final = re.compile(r"\+?\d{3,14}(?=\d{4}$)")
_URL_CREDENTIALS: Final = re.compile(r"(?<=://)[^/@\s]+(?=@)")
#: The local part of an e-mail address.
_MAILBOX: Final = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+(?=@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,})"
)
_BEARER: Final = re.compile(r"(?i)(?<=bearer )\S+")
_ASSIGNED: Final = re.compile(
    r"(?i)\b(password|secret|token|admin_key|api_key)(['\"]?\s*[=:]\s*)(['\"]?)[^\s'\",}]+"
)


def configure(level: str = "info", form: Form = "json", stream: TextIO | None = None) -> None:
    """Set up logging for this process: call it once, in the command that starts it.

    `level` is debug, info, warning or error. `stream` is standard error by default. `form` auto is for the console
    where the stream is a terminal, and JSON anywhere else.
    """
    stream = stream or sys.stderr
    terminal = stream.isatty()
    if form == "auto":
        form = "console" if terminal else "json"
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer(default=str)
        if form == "json"
        else structlog.dev.ConsoleRenderer(
            colors=terminal and not os.environ.get("NO_COLOR"),
            exception_formatter=structlog.dev.plain_traceback,
            timestamp_key="time",
            pad_event_to=22,
        )
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            # Tracebacks become text before the mask, so that what they quote is masked too.
            structlog.processors.format_exc_info,
            mask,
            renderer,
        ],
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    logging.captureWarnings(True)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "asyncio", "aiohttp.access"):
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
    # A line per request would be a line per message.
    logging.getLogger("uvicorn.access").setLevel(logging.WARNING)
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
    # Libraries that log their own start, which is of no use in our log.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    # It also warns of every request that is not HTTP: any port scan would fill the log.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def mask(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """The processor that removes texts, secrets and numbers from every line."""
    return {name: _masked(name, value) for name, value in event.items()}


def mask_number(value: str) -> str:
    """`+15551234567` -> `*******4567`; an alphanumeric sender stays as it is."""
    match = _BARE_NUMBER.match(value)
    return "*" * len(match[0]) + value[match.end() :] if match else value


def _masked(name: str, value: Any) -> Any:
    key = name.lower().replace("-", "_")
    if key in SECRET_KEYS:
        return value if value is None else MASK
    if isinstance(value, str):
        return mask_number(value) if key in NUMBER_KEYS else _masked_text(value)
    if isinstance(value, int) and not isinstance(value, bool) and key in NUMBER_KEYS:
        return mask_number(str(value))
    if isinstance(value, Mapping):
        return {inner: _masked(str(inner), item) for inner, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(name, item) for item in value]
    if value is None or isinstance(value, int | float):
        return value
    return _masked_text(str(value))


def _masked_text(value: str) -> str:
    value = _PLUS_NUMBER.sub(lambda match: "*" * len(match[0]), value)
    if "://" in value:
        value = _URL_CREDENTIALS.sub(MASK, value)
    if "@" in value:
        value = _MAILBOX.sub(MASK, value)
    value = _BEARER.sub(MASK, value)
    return _ASSIGNED.sub(rf"\1\2\3{MASK}", value)
