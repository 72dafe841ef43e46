"""The page of architecture and CONTRIBUTING.md: what their diffs change stands in the code, and named files exist."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from textwrap import dedent

from onesixty.carriers.http.profiles import Profile
from tests.support.postgres import ROOT

PAGE = (ROOT / "docs" / "explanation" / "architecture.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
SOURCE = ROOT / "src" / "onesixty"


def diffs(page: str) -> list[tuple[str, list[str]]]:
    """The places that the page changes: for each its file, and the lines that the diff expects there together."""
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"^ *```diff\n(.*?)^ *```$", page, re.MULTILINE | re.DOTALL):
        for line in dedent(block).splitlines():
            if line.startswith("+++ "):
                found.append((line[4:], []))
            elif line.startswith("@@"):
                found.append((found[-1][0], []))
            elif line.startswith((" ", "-")) and not line.startswith("--- "):
                found[-1][1].append(line[1:].strip())
    return [(file, lines) for file, lines in found if lines]


def test_what_the_diffs_change_stands_in_the_code() -> None:
    changed = diffs(PAGE) + diffs(CONTRIBUTING)
    assert len(changed) >= 16
    for file, lines in changed:
        path = SOURCE / file if (SOURCE / file).exists() else ROOT / file
        there = [line.strip() for line in path.read_text().splitlines()]
        assert any(there[at : at + len(lines)] == lines for at in range(len(there))), (file, lines)


def test_the_files_that_it_names_exist() -> None:
    for name in re.findall(r"`((?:\w+/)+[\w.]+\.(?:py|toml|md|yml|csv|tsx?))`", PAGE):
        assert (SOURCE / name).exists() or (ROOT / name).exists(), name


def test_the_hops_that_it_lists_exist() -> None:
    hops = re.findall(r"^\d+\. .*`.*$", PAGE[: PAGE.index("## The words of dispatch")], re.MULTILINE)
    assert len(hops) >= 12
    for hop in hops:
        file = ""
        for name in re.findall(r"`([\w./]+)`", hop):
            if "/" in name:
                file = (SOURCE / name).read_text()
            elif "." in name:
                owner, method = name.split(".")
                assert f"class {owner}" in file, name
                assert f"def {method}(" in file, name


def test_the_profile_that_it_shows_is_one(tmp_path: Path) -> None:
    (block,) = re.findall(r"\+\+\+ carriers/http/profiles/acme.toml\n(.*?)```", PAGE, re.DOTALL)
    text = "\n".join(line[1:] for line in block.splitlines())
    assert set(tomllib.loads(text)) == {"secrets", "base_url", "settings", "http"}
    (tmp_path / "acme.toml").write_text(text)
    profile = Profile(tmp_path / "acme.toml")
    settings = profile.settings(api_key="k")  # type: ignore[call-arg]
    assert profile.expand(settings).url == "https://api.acme.example/v1/sms"
