"""Writes tests/templates/plural_samples.tsv: `python -m scripts.plural_samples`.

They are the samples of CLDR's plural rules: numbers of which CLDR says which category they have in which language.
They come from the package `cldr-core`, which npm fetches and this script checks against the digest below
(SHA-512). Its licence is Unicode-3.0, which is kept beside them.

Take the release of the CLDR whose rules ICU has (`onesixty.templates.formats`): ICU 78 has those of CLDR 48.
"""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

PACKAGE: Final = "cldr-core@48.2.0"
INTEGRITY: Final = "zfmLothncSwfv2jlevoSrgI2VGgH8SDGHXst6jUEotHA8nq9Igeg9jzdJDFtBso9pgJuG89DK16TzrmZDdo2Bg=="
FILES: Final = {"cardinal": "plurals", "ordinal": "ordinals"}
FOLDER: Final = Path(__file__).parents[1] / "tests" / "templates"
HEAD: Final = f"""\
# Samples of the plural rules of CLDR, from npm's {PACKAGE}. Made by `python -m scripts.plural_samples`; do not edit.
# Copyright (c) 2004-2026 Unicode, Inc. Licence: Unicode-3.0, in plural_samples.LICENSE.
# kind	languages	category	integers	decimals
"""


def main() -> None:
    """Fetch the package, and write the table and its licence."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True, capture_output=True)
        (packed,) = Path(folder).glob("*.tgz")
        if base64.b64encode(hashlib.sha512(packed.read_bytes()).digest()).decode() != INTEGRITY:
            raise SystemExit(f"{PACKAGE} is another one than before.")
        with tarfile.open(packed) as archive:
            texts = {name: _text(archive, f"package/supplemental/{name}.json") for name in FILES.values()}
            licence = _text(archive, "package/LICENSE")
    lines = [line for kind, name in FILES.items() for line in table(kind, json.loads(texts[name]))]
    (FOLDER / "plural_samples.tsv").write_text(HEAD + "".join(lines))
    (FOLDER / "plural_samples.LICENSE").write_text(licence)


def table(kind: str, document: dict[str, Any]) -> Iterator[str]:
    """The lines of one kind: languages with the same samples stand together."""
    rules = document["supplemental"][f"plurals-type-{kind}"]
    languages: dict[tuple[tuple[str, str, str], ...], list[str]] = {}
    for language, categories in rules.items():
        rows = tuple((key.rpartition("-")[2], *_samples(rule)) for key, rule in categories.items())
        languages.setdefault(rows, []).append(language)
    for rows, same in sorted(languages.items(), key=lambda pair: sorted(pair[1])):
        for category, integers, decimals in rows:
            yield f"{kind}\t{' '.join(sorted(same))}\t{category}\t{integers}\t{decimals}\n"


def _samples(rule: str) -> tuple[str, str]:
    """The integers and decimals of a rule, as CLDR writes them, without the sign for more of them."""
    found = {"integer": "", "decimal": ""}
    for part in rule.split("@")[1:]:
        name, _, samples = part.partition(" ")
        found[name] = " ".join(sample for sample in samples.replace(",", " ").split() if sample != "…")
    return found["integer"], found["decimal"]


def _text(archive: tarfile.TarFile, name: str) -> str:
    file = archive.extractfile(name)
    assert file is not None
    return file.read().decode()


if __name__ == "__main__":
    main()
