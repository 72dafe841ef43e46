"""The page of promises: each says how it is kept, and what it names is there."""

from __future__ import annotations

import re

from tests.support.postgres import ROOT

PAGE = (ROOT / "docs" / "explanation" / "promises.md").read_text()


def test_each_promise_says_how_it_is_kept() -> None:
    table = re.findall(r"^\| (\d+) \| \*\*([^*]+)\*\*", PAGE, re.MULTILINE)
    kept = re.findall(r"^\*\*(\d+)\. ([^*]+)\*\*", PAGE, re.MULTILINE)
    assert [number for number, _ in table] == [number for number, _ in kept] == [str(n) for n in range(1, 12)]
    for (_, promise), (_, again) in zip(table, kept, strict=True):
        assert promise.startswith(again.rstrip(".").rstrip(",")), (promise, again)


def test_every_file_that_it_names_exists() -> None:
    for path in re.findall(r"`((?:tests|src)/[\w/]+(?:\.py)?)`", PAGE):
        assert (ROOT / path).exists(), path
