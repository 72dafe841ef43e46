"""Exports of a running server as CSV or JSON Lines: the commands `... export` of the tables of resources.

Rules kept here:
- lines are passed on as the server wrote them, and only whole ones;
- if the server becomes unreachable, a command waits for it and continues after the id of the last line, so that it
  survives restarts of the server;
- a file is new, and only its owner can read it. A refused request leaves none behind.
"""

from __future__ import annotations

import csv
import http.client
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, TextIO
from urllib.parse import urlencode

import typer

from onesixty.cli.client import Client, Refused, Unreachable, status_of
from onesixty.cli.console import MISUSED, UNREACHABLE, fail, private_file

#: Seconds before each further try while the stream breaks without yielding a line.
_PAUSES: Final = (0.5, 1.0, 2.0, 5.0, 10.0)


class Format(StrEnum):
    """What is written."""

    csv = "csv"
    jsonl = "jsonl"


FormatOption = Annotated[Format, typer.Option("--format", help="CSV, or `jsonl`: one JSON object per line.")]
Output = Annotated[
    Path | None, typer.Option("--output", help="Write to a new file instead of standard output.")
]
After = Annotated[
    str | None,
    typer.Option("--after", help="Continue after the line with this id, without a header line."),
]


def export(
    client: Client,
    path: str,
    query: Sequence[tuple[str, str]],
    *,
    format_: Format,
    output: Path | None,
    after: str | None,
) -> None:
    """Write an export to a new file or to standard output. `path` and `query` are the request's."""
    if output is not None and output.exists():
        fail(f"{output} already exists", MISUSED)
    with ExitStack() as stack:
        pass_on(client, path, [*query, ("format", format_)], after, Target(output, stack, sys.stdout))


class _Broken(Exception):
    """The stream broke before its end."""


class Target:
    """The output. A file is created only when there is an answer."""

    def __init__(self, path: Path | None, stack: ExitStack, out: TextIO) -> None:
        self._out = out
        self._path = path
        self._stack = stack
        self._file: TextIO | None = None

    def begin(self, head: str) -> None:
        """Prepare the output for an answer; further calls do nothing."""
        if self._file is None:
            if self._path is None:
                self._file = self._out
            else:
                self._file = self._stack.enter_context(
                    os.fdopen(private_file(self._path), "w", encoding="utf-8", newline="")
                )
            self._file.write(head)

    def write(self, text: str) -> None:
        """Write text; call it after `begin`."""
        assert self._file is not None
        self._file.write(text)

    def flush(self) -> None:
        """Flush the output; call it after `begin`."""
        assert self._file is not None
        self._file.flush()


def pass_on(
    client: Client, path: str, query: Sequence[tuple[str, str]], after: str | None, target: Target
) -> None:
    """Write the lines of an export to a target, in as many requests as it takes."""
    as_csv = ("format", Format.csv) in query
    failures = 0
    while True:
        headed = as_csv and after is None
        try:
            for text, id_ in _lines(client, path, [*query, *([("after", after)] if after else ())], as_csv):
                if headed:
                    target.begin(text)
                    headed = False
                    continue
                target.begin("")
                target.write(text)
                after, failures = id_, 0
            target.begin("")
            target.flush()
            return
        except _Broken as error:
            if failures == len(_PAUSES):
                fail(f"{error}; continue with --after {after}" if after else str(error), UNREACHABLE)
        except BrokenPipeError:
            raise  # the reader closed the pipe; the command line ends quietly
        except OSError as error:
            go_on = f"; continue with --after {after}" if after else ""
            fail(f"cannot write: {error.strerror}{go_on}")
        finally:
            client.close()
        time.sleep(_PAUSES[failures])
        failures += 1


def _lines(
    client: Client, path: str, query: Sequence[tuple[str, str]], as_csv: bool
) -> Iterator[tuple[str, str]]:
    """Yield each whole line of one stream with its id; of CSV, the header line too. A cell may contain line breaks.

    Raises _Broken.
    """
    found = (_of_csv if as_csv else _of_json)(client.stream(f"{path}?{urlencode(query)}", {}, ends=True))
    while True:
        try:
            one = next(found, None)
        except Refused as error:
            if not error.retryable:
                fail(str(error), status_of(error))
            raise _Broken(str(error)) from None
        except (Unreachable, OSError, http.client.HTTPException, ValueError, csv.Error) as error:
            raise _Broken(str(error) or type(error).__name__) from None  # the last two: the line was cut off
        if one is None:
            return
        yield one


def _of_json(lines: Iterator[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        yield line, json.loads(line)["id"]


def _of_csv(lines: Iterator[str]) -> Iterator[tuple[str, str]]:
    taken: list[str] = []

    def noted() -> Iterator[str]:
        for line in lines:
            taken.append(line)
            yield line

    for row in csv.reader(noted(), strict=True):
        yield "".join(taken), row[0]
        taken.clear()
