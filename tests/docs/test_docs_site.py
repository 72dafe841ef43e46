"""The documentation as a site: complete, without broken links, searchable, and nothing fetched from elsewhere."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.support.postgres import ROOT

DOCS = ROOT / "docs"


def pages_of(nav: list[Any]) -> list[str]:
    """Every page that a navigation names."""
    found: list[str] = []
    for item in nav:
        if isinstance(item, str):
            found.append(item)
        else:
            for value in item.values():
                found += [value] if isinstance(value, str) else pages_of(value)
    return found


def test_every_page_is_in_the_navigation() -> None:
    named = pages_of(tomllib.loads((ROOT / "zensical.toml").read_text())["project"]["nav"])
    assert sorted(named) == sorted(str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md"))


def test_the_index_of_each_section_leads_to_all_its_pages() -> None:
    for section in ("how-to", "reference", "explanation"):
        index = (DOCS / section / "index.md").read_text()
        missing = [path.name for path in (DOCS / section).glob("*.md") if f"({path.name})" not in index]
        assert missing == ["index.md"], section


def test_every_picture_of_the_console_is_made_by_the_script_and_shown() -> None:
    """`make console-shots` makes them (web/tests/docs-shots.ts)."""
    shots = (ROOT / "web" / "tests" / "docs-shots.ts").read_text().partition("SHOTS: ")[2].partition("\n}")[0]
    made = set(re.findall(r"^  '?([a-z-]+)'?: \{", shots, re.MULTILINE))
    pages = [ROOT / "README.md", *DOCS.rglob("*.md")]
    shown = {
        name for page in pages for name in re.findall(r"assets/console/([a-z-]+)\.webp", page.read_text())
    }
    assert made == shown == {path.stem for path in (DOCS / "assets" / "console").iterdir()}


@pytest.mark.system
def test_the_site_builds_without_a_warning_and_can_be_searched(tmp_path: Path) -> None:
    shutil.copytree(DOCS, tmp_path / "docs")
    shutil.copy(ROOT / "zensical.toml", tmp_path)
    built = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--strict"],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert built.returncode == 0, built.stdout + built.stderr
    site = tmp_path / "build" / "docs"
    found = json.dumps(json.loads((site / "search.json").read_text()))
    assert "Idempotency-Key" in found
    for page in site.rglob("*.html"):
        fetched = re.findall(
            r"<(?:script|img|link)\b[^>]*?(?:src|href)=\"?(https?://[^\"\s>]+)", page.read_text()
        )
        assert not fetched, f"{page.name} fetches {fetched}"
        assert "<p>|" not in page.read_text(), f"a table of {page.name} is shown as a paragraph"
