"""The pages that are made are as the code is, and what they show is so.

A page that differs is written anew by `python -m scripts.docs_reference`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from onesixty.console.pages import pages
from onesixty.core.errors import CATALOGUE
from scripts.docs_reference import access, console, endpoints, options
from scripts.docs_reference.commands import with_resources
from scripts.docs_reference.embedding import MARKED, TABS, embedded, files_of, parts_of
from scripts.docs_reference.rights import with_rights
from tests.docs.shop import ask
from tests.support.postgres import ROOT
from tests.support.process import Product

DOCS = ROOT / "docs"
PAGE = DOCS / "reference" / "endpoints.md"
AGAIN = "run: .venv/bin/python -m scripts.docs_reference"


@pytest.fixture(scope="session")
def document(shop: Product) -> dict[str, Any]:
    """The OpenAPI document of the running product."""
    found: dict[str, Any] = ask(shop, "GET", "/openapi.json")
    return found


def test_the_page_of_commands_is_as_the_tables_are() -> None:
    commands = (DOCS / "reference" / "cli.md").read_text()
    assert with_resources(commands) == commands, AGAIN


def test_an_option_says_once_that_it_may_be_repeated() -> None:
    lines = (DOCS / "reference" / "cli.md").read_text(encoding="utf-8").splitlines()
    repeated = [line for line in lines if "Repeat it for several" in line]
    assert len(repeated) > 100
    assert [line for line in repeated if line.count("Repeat it") > 1 or "Again for more" in line] == []


def test_the_tables_of_scopes_and_roles_are_as_the_code_is() -> None:
    page = (DOCS / "reference" / "authentication.md").read_text()
    assert with_rights(page) == page, AGAIN


def test_the_page_of_access_is_as_the_tables_are() -> None:
    assert access.page() == (DOCS / "reference" / "access.md").read_text(), AGAIN


def test_the_page_of_the_console_is_as_its_sources_are() -> None:
    assert console.page() == (DOCS / "reference" / "console.md").read_text(), AGAIN


def test_every_page_of_the_console_has_its_entry_with_the_right_that_it_needs() -> None:
    made = sum(file.read_text().count("createRoute({") for file in console.WEB.glob("*/routes.ts"))
    routes = console.routes()
    assert len(routes) == made
    entries = pages()
    assert {route.entry for route in routes} == set(entries), "src/onesixty/console/pages.toml"
    scopes = console.operations()
    for route in routes:
        if "/" not in route.path.strip("/"):  # pages below it may need less or more
            needed = None if route.reads is None else scopes[route.reads]
            assert entries[route.entry].scope == needed, route
    called = {call for route in routes for call in console.calls(route.file)}
    assert called <= set(scopes), "a call that the API does not have"


def test_every_page_of_the_navigation_has_its_title() -> None:
    shell = console.WEB / "shell"
    words = json.loads((shell / "texts" / "en.json").read_text())
    found = re.findall(r"to: '/([^']*)', label: '([^']+)'", (shell / "navigation.ts").read_text())
    assert len(found) >= 20
    assert {path or "home": words[label] for path, label in found} == {
        name: page.title for name, page in pages().items() if name not in ("me", "sign-in")
    }


def test_the_guides_of_a_page_lead_back_to_it() -> None:
    for page in pages().values():
        for guide in page.guides:
            anchor = page.title.lower().replace(" ", "-")
            there = (DOCS / guide).read_text()
            assert f"console.md#{anchor})" in there or guide == "how-to/open-the-console.md", (guide, anchor)


def test_the_console_leads_to_the_help_of_its_pages(shop: Product) -> None:
    with urllib.request.urlopen(f"{shop.url}/docs/console", timeout=30) as answer:
        shown = answer.read().decode()
    assert re.findall(r"<tr id='([\w-]+)'", shown) == list(pages())


def test_the_page_of_endpoints_is_as_the_product_is(document: dict[str, Any]) -> None:
    made, there = endpoints.page(document).splitlines(), PAGE.read_text().splitlines()
    different = [pair for pair in zip(made, there, strict=False) if pair[0] != pair[1]]
    assert not different, f"{AGAIN}\n{different[0]}"
    assert len(made) == len(there), AGAIN


def test_the_options_of_commands_are_as_the_product_is(document: dict[str, Any]) -> None:
    assert options.operations(document) == options.FILE.read_text(), AGAIN


def test_every_operation_has_its_parts(document: dict[str, Any]) -> None:
    sections = dict(re.findall(r"^### (\S+ /\S*)\n(.*?)(?=^##)", PAGE.read_text(), re.MULTILINE | re.DOTALL))
    expected = {f"{method} {path}": o for path, method, o in endpoints.operations(document)}
    assert sorted(sections) == sorted(expected)
    for name, operation in expected.items():
        assert "```\ncurl" in sections[name], f"{name} has no example"
        if "x-scope" in operation:
            assert f"scope `{operation['x-scope']}`" in sections[name]
            assert "`unauthorized`" in sections[name]
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if body and operation["tags"] != ["callbacks"]:
            assert "-d '{" in sections[name], f"{name}: its example has no body"


def test_headings_lead_to_one_place_each() -> None:
    headings = re.findall(r"^###? (\w+)$", PAGE.read_text(), re.MULTILINE)
    assert len({heading.lower() for heading in headings}) == len(headings)


def test_the_table_of_operations_names_real_ones_and_real_errors(document: dict[str, Any]) -> None:
    known = {operation["operationId"] for _, _, operation in endpoints.operations(document)}
    assert set(endpoints.OWN) <= known
    for path, _, operation in endpoints.operations(document):
        assert set(endpoints.errors_of(path, operation)) <= set(CATALOGUE)


def test_the_bodies_of_examples_fit_their_schemas(document: dict[str, Any]) -> None:
    for _, _, operation in endpoints.operations(document):
        own = endpoints.OWN.get(operation["operationId"], {})
        if "body" in own:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            whole = {**schema, "components": document["components"]}
            jsonschema.validate(json.loads(own["body"]), whole)


@pytest.mark.deadline(180)
def test_every_example_is_understood(new_product: Callable[..., Product], tmp_path: Path) -> None:
    """Each printed call is made. What it answers is a success, or one of the errors that stand beside it."""
    product = new_product().start()
    product.allow_log("acme|carrier")  # its host is an example, too
    document = ask(product, "GET", "/openapi.json")
    ids: dict[str, str] = {}
    calls = [call for call in endpoints.operations(document) if call[2]["tags"] != ["callbacks"]]
    for path, method, operation in sorted(calls, key=lambda call: call[1] == "DELETE"):
        command = endpoints.example_of(path, method, operation).replace(
            "127.0.0.1:8160", f"127.0.0.1:{product.http_port}"
        )
        command = re.sub(r"\b([a-z]+_)\.\.\.", lambda kind: ids.get(kind[1], f"{kind[1]}{'0' * 26}"), command)
        endless = operation["operationId"] == "follow_events"
        done = subprocess.run(
            ["bash", "-c", command.replace("curl", f"curl -sS --max-time {1 if endless else 60}", 1)],
            cwd=tmp_path, env={"KEY": product.admin_key, "PATH": os.environ["PATH"]}, capture_output=True, text=True,
            check=False, timeout=90,
        )  # fmt: skip
        assert done.returncode in ((0, 28) if endless else (0,)), f"{command}\n{done.stderr}"
        found = re.search(r'^{"type":.*"code":"(\w+)"', done.stdout)
        if found:
            assert found[1] in endpoints.errors_of(path, operation), f"{command}\n{done.stdout}"
            assert found[1] not in ("bad_json", "missing_field", "unknown_field", "unsupported_media_type"), (
                command
            )
        for made in re.finditer(r'"id":"([a-z]+_)([0-9a-hjkmnp-tv-z]{26})"', done.stdout):
            if method == "POST" or made[1] not in ids:
                ids[made[1]] = made[1] + made[2]


def test_a_doc_url_shows_its_error(shop: Product) -> None:
    """What a refusal names as `doc_url` can be fetched without a key and has the error there."""
    with pytest.raises(urllib.error.HTTPError) as refused:
        ask(shop, "POST", "/v1/sms/send", {"from": "YourBrand", "to": "+1", "text": "Hi"})
    with refused.value as error:
        problem = json.load(error)
    url, _, anchor = problem["doc_url"].partition("#")
    assert (url, anchor) == (f"{shop.url}/docs/errors", "invalid_recipient")
    with urllib.request.urlopen(url, timeout=30) as answer:
        page = answer.read().decode()
    assert f"id='{anchor}'" in page
    assert CATALOGUE[anchor].title.replace("`", "") in re.sub(r"<[^>]+>|`", "", page)


def test_examples_stand_in_the_pages_as_in_the_files() -> None:
    shown: dict[Path, set[str]] = {}
    for path in DOCS.rglob("*.md"):
        text = path.read_text()
        assert embedded(text) == text, f"{path.relative_to(ROOT)}: {AGAIN}"
        for name in MARKED.findall(text):
            for _, _, files in files_of(name):
                for file in files:
                    shown.setdefault(file, set()).add(name.partition(" ")[2])
    folders = {pattern.partition("/")[0] for _, _, pattern in TABS} | {"signup"}
    written = {
        path
        for folder in folders
        for path in (ROOT / "examples" / folder).rglob("*.*")
        if path.suffix in {".sh", ".py", ".ts", ".php", ".java", ".go", ".cs", ".html", ".js"}
    }
    assert written == set(shown), f"shown nowhere: {sorted(map(str, written - set(shown)))}"
    for file, parts in shown.items():
        assert parts == (set(parts_of(file)) or {""}), f"not every part of {file.name} is shown"
