"""Writes what the console knows of the API: `python -m scripts.console_types`.

Starts the product for its OpenAPI document and makes of it:
- `web/src/api/schema.d.ts`: the types of all calls, by openapi-typescript. Without descriptions and
  headers, which are long; `/openapi.json` of a running product has them;
- `web/src/api/scopes.ts`: the scope of each operation, from which the console knows what a role may do;
- `web/src/api/smpp-profile.json`: the JSON Schema of an SMPP profile, of which the console makes a form.

`tests/console` compares all of them with the running product.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import urllib.request
from pathlib import Path
from typing import Any, Final

from tests.support.process import Product

ROOT: Final = Path(__file__).resolve().parents[1]
API: Final = ROOT / "web" / "src" / "api"
METHODS: Final = ("get", "put", "post", "patch", "delete")
HEAD: Final = (
    "// Made by `python -m scripts.console_types` from the OpenAPI document of the product. Do not edit."
)
_NOISE: Final = frozenset({"description", "summary", "examples", "example", "title", "headers"})


def document_of(url: str) -> dict[str, Any]:
    """The OpenAPI document of a running product."""
    with urllib.request.urlopen(f"{url}/openapi.json", timeout=30) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def bare(value: Any, *, named: bool = False) -> Any:
    """The document without its words. `named` says that the keys of `value` are names, not keywords."""
    if isinstance(value, list):
        return [bare(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: bare(item, named=key in ("properties", "schemas", "patternProperties"))
        for key, item in value.items()
        if named or key not in _NOISE
    }


def scopes(document: dict[str, Any]) -> str:
    """The file `scopes.ts`."""
    operations, audiences, live_only = [], {}, set()
    for path, methods in sorted(document["paths"].items()):
        for method in METHODS:
            operation = methods.get(method)
            if operation is None or not path.startswith("/v1"):
                continue
            scope = operation.get("x-scope")
            operations.append(f"  '{method.upper()} {path}': {'null' if scope is None else repr(scope)},")
            if scope is not None:
                audiences[scope] = operation["x-audience"]
                if operation.get("x-live-only"):
                    live_only.add(scope)
    lines = [f"  {name!r}: {audience!r}," for name, audience in sorted(audiences.items())]
    names = "".join(f"\n  {name!r}," for name in sorted(live_only))
    return "\n".join(
        [
            HEAD,
            "",
            "/** The scopes, and whether they are a tenant's or an operator's. */",
            "export const AUDIENCES = {",
            *lines,
            "} as const",
            "",
            "export type Scope = keyof typeof AUDIENCES",
            "",
            "/** Scopes that count in the live mode alone. */",
            f"const LIVE_ONLY: ReadonlySet<string> = new Set<Scope>([{names}\n])",
            "",
            "export const isLiveOnly = (scope: string): boolean => LIVE_ONLY.has(scope)",
            "",
            "/** The scope that each operation needs; null: any caller, or none. */",
            "export const OPERATIONS = {",
            *operations,
            "} as const satisfies Record<string, Scope | null>",
            "",
            "export type Operation = keyof typeof OPERATIONS",
            "",
        ]
    )


def profile(document: dict[str, Any]) -> str:
    """The file `smpp-profile.json`."""
    return json.dumps(document["components"]["schemas"]["SmppProfile"], indent=2, ensure_ascii=False) + "\n"


def schema(document: dict[str, Any], path: str) -> str:
    """The file `schema.d.ts`. `path` is the PATH with the console's Node (`scripts/setup-console --path`)."""
    told = bare(document) | {"info": {"title": "onesixty", "version": "0"}}
    with tempfile.TemporaryDirectory() as directory:
        source, made = Path(directory) / "openapi.json", Path(directory) / "schema.d.ts"
        source.write_text(json.dumps(told))
        program = ROOT / "web" / "node_modules" / ".bin" / "openapi-typescript"
        subprocess.run(
            [
                str(program),
                str(source),
                "-o",
                str(made),
                "--default-non-nullable=false",
                "--empty-objects-unknown",
                "--alphabetize",
            ],
            env=os.environ | {"PATH": f"{path}{os.pathsep}{os.environ['PATH']}"},
            check=True,
            capture_output=True,
            timeout=120,
        )
        return f"{HEAD}\n\n{made.read_text()}"


def node_path() -> str:
    """The folder of the console's Node; sets it up if need be."""
    setup = [str(ROOT / "scripts" / "setup-console"), "--path"]
    return subprocess.run(setup, check=True, capture_output=True, text=True, timeout=600).stdout.strip()


def main() -> None:
    """Write the files that have changed, and print their names."""
    with tempfile.TemporaryDirectory() as directory:
        product = Product(Path(directory)).start()
        try:
            document = document_of(product.url)
        finally:
            product.end()
    made = {
        API / "schema.d.ts": schema(document, node_path()),
        API / "scopes.ts": scopes(document),
        API / "smpp-profile.json": profile(document),
    }
    for file, text in made.items():
        if not file.exists() or file.read_text() != text:
            file.write_text(text)
            print(file.relative_to(ROOT))


if __name__ == "__main__":
    main()
