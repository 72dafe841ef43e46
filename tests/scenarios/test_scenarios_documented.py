"""The page of promises names tests that exist."""

import re

from tests.support.postgres import ROOT


def test_every_test_that_the_page_of_promises_names_exists() -> None:
    page = (ROOT / "docs" / "explanation" / "promises.md").read_text()
    promises = page.partition("\n## ")[0]
    named = set(re.findall(r"`([a-z_/]+)`", promises)) - {"on_unknown", "duplicates", "hold"}
    missing = [
        name
        for name in sorted(named)
        if not (ROOT / name if "/" in name else ROOT / f"tests/scenarios/test_{name}.py").exists()
    ]
    assert not missing
    numbers = re.findall(r"^\| (\d+) \| \*\*", promises, re.MULTILINE)
    assert numbers == [str(number) for number in range(1, 12)]
