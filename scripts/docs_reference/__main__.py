"""Writes the pages that are made: `python -m scripts.docs_reference`. Starts the product for its OpenAPI document."""

from __future__ import annotations

import json
import tempfile
import urllib.request
from pathlib import Path

from scripts.docs_reference.commands import with_resources
from scripts.docs_reference.embedding import ROOT, embedded
from scripts.docs_reference.endpoints import page
from tests.support.process import Product

DOCS = ROOT / "docs"


def main() -> None:
    """Write what has changed, and name it."""
    with tempfile.TemporaryDirectory() as directory:
        product = Product(Path(directory)).start()
        try:
            with urllib.request.urlopen(f"{product.url}/openapi.json", timeout=30) as answer:
                document = json.load(answer)
        finally:
            product.end()
    made = {DOCS / "reference" / "endpoints.md": page(document)}
    commands = DOCS / "reference" / "cli.md"
    made[commands] = with_resources(commands.read_text())
    made |= {path: embedded(path.read_text()) for path in DOCS.rglob("*.md") if path not in made}
    for path, text in made.items():
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
            print(path.relative_to(ROOT))


main()
