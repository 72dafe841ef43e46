"""The page of architecture: what its diffs change stands in the code, and the files that it names exist."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from textwrap import dedent

from onesixty.carriers.http.profiles import Profile
from tests.support.postgres import ROOT

PAGE = (ROOT / "docs" / "explanation" / "architecture.md").read_text()
SOURCE = ROOT / "src" / "onesixty"


def diffs() -> list[tuple[str, list[str]]]:
    """The files that the page changes, each with the lines that its diff expects there."""
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"^ *```diff\n(.*?)^ *```$", PAGE, re.MULTILINE | re.DOTALL):
        for line in dedent(block).splitlines():
            if line.startswith("+++ "):
                found.append((line[4:], []))
            elif line.startswith((" ", "-")) and not line.startswith("--- "):
                found[-1][1].append(line[1:].strip())
    return found


def test_what_the_diffs_change_stands_in_the_code() -> None:
    changed = diffs()
    assert len(changed) >= 8
    for file, lines in changed:
        if not lines:
            continue  # a file to make
        path = SOURCE / file if (SOURCE / file).exists() else ROOT / file
        there = {line.strip() for line in path.read_text().splitlines()}
        assert not [line for line in lines if line not in there], file


def test_the_files_that_it_names_exist() -> None:
    for name in re.findall(r"`((?:\w+/)+[\w.]+\.(?:py|toml|md|yml))`", PAGE):
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
