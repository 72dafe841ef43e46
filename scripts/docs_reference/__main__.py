"""Writes the generated pages: `python -m scripts.docs_reference`. Starts the product for its OpenAPI document."""

from __future__ import annotations

import json
import tempfile
import urllib.request
from pathlib import Path

from scripts.docs_reference import access, console, options
from scripts.docs_reference.commands import with_resources
from scripts.docs_reference.embedding import ROOT, embedded
from scripts.docs_reference.endpoints import page
from scripts.docs_reference.rights import with_rights
from tests.support.process import Product

DOCS = ROOT / "docs"
ENDPOINTS = DOCS / "reference" / "endpoints.md"
ACCESS = DOCS / "reference" / "access.md"
RIGHTS = DOCS / "reference" / "authentication.md"
CONSOLE = DOCS / "reference" / "console.md"
COMMANDS = DOCS / "reference" / "cli.md"


def main() -> None:
    """Write the pages that have changed, and print their names."""
    with tempfile.TemporaryDirectory() as directory:
        product = Product(Path(directory)).start()
        try:
            with urllib.request.urlopen(f"{product.url}/openapi.json", timeout=30) as answer:
                document = json.load(answer)
        finally:
            product.end()
    _write({ENDPOINTS: page(document), options.FILE: options.operations(document)})
    _write({COMMANDS: with_resources(COMMANDS.read_text())})
    _write({ACCESS: access.page(), CONSOLE: console.page()})
    _write({RIGHTS: with_rights(RIGHTS.read_text())})
    _write(
        {path: embedded(path.read_text()) for path in DOCS.rglob("*.md") if path not in (ENDPOINTS, COMMANDS)}
    )


def _write(made: dict[Path, str]) -> None:
    for path, text in made.items():
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
            print(path.relative_to(ROOT))


main()
