"""What the reference says beside names: statuses, rules of refusals, defaults of settings and options, filters of
routes, tables.

That every error, event, metric, setting, command, scope, carrier's setting, misbehaviour and endpoint has its entry
is tested where they are made.
"""

from __future__ import annotations

import re
import sqlite3
from decimal import Decimal
from pathlib import Path
from typing import Any

import typer

from onesixty.billing.credit import Credit
from onesixty.cli.commands import application
from onesixty.core import statuses
from onesixty.doors.smpp import trace as smpp
from onesixty.doors.v1 import refusals as v1
from onesixty.limits.hold import LimitHold
from onesixty.ops.settings import Settings
from onesixty.routing.loops import LoopDetection
from onesixty.routing.spec import RouteMatch
from tests.support.postgres import ROOT
from tests.support.process import Product

REFERENCE = ROOT / "docs" / "reference"


def sections(page: str, heading: str) -> dict[str, str]:
    """The text under each heading that matches."""
    parts = re.split(heading, (REFERENCE / page).read_text(), flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def forms(value: Any) -> set[str]:
    """How a default may be written."""
    if isinstance(value, bool):
        return {str(value).lower()}
    if isinstance(value, int | float | Decimal):
        return {str(value), f"{value:g}", f"{value:,}", f"{value:.0%}"}
    return {str(value)}


def test_every_status_stands_there_with_what_may_follow() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| .* \| (yes|no) \| (.*) \|$", (REFERENCE / "statuses.md").read_text(), re.M
    )
    assert [name for name, _, _ in rows] == list(statuses.ALL)
    for name, end, following in rows:
        assert (end == "yes") is (name in statuses.TERMINAL), name
        assert set(re.findall(r"`(\w+)`", following)) == statuses.TRANSITIONS[name], name


def test_every_word_of_a_carrier_stands_there() -> None:
    rows = re.findall(
        r"^\| (\d) \| ([A-Z_, ]+) \| ([a-z ]+) \| (.*) \|$", (REFERENCE / "statuses.md").read_text(), re.M
    )
    assert {int(state) for state, _, _, _ in rows} == set(statuses.MESSAGE_STATE)
    shown = {word: int(state) for state, words, _, _ in rows for word in words.split(", ")}
    assert shown == statuses.RECEIPT_WORD
    for state, _, becomes, error in rows:
        kind, code = statuses.MESSAGE_STATE[int(state)]
        assert becomes == ("under way" if kind == statuses.ENROUTE else kind)
        assert error == (f"`{code}`" if code else "–")


def test_every_setting_shows_its_default() -> None:
    documented = sections("settings.md", r"^### `(ONESIXTY_[A-Z0-9_]+)`$")
    for name, field in Settings.model_fields.items():
        if isinstance(field.default, str | int | float | Decimal) and field.default != "":
            text = documented[f"ONESIXTY_{name.upper()}"]
            assert any(form in text for form in forms(field.default)), f"{name}: {field.default}"


def test_every_option_of_a_command_shows_its_default() -> None:
    def walk(path: str, command: Any) -> Any:
        if hasattr(command, "commands"):
            for name, inner in command.commands.items():
                yield from walk(f"{path} {name}", inner)
        else:
            yield path, command

    documented = sections("cli.md", r"^## `([^`]+)`$")
    for name, command in walk("onesixty", typer.main.get_command(application())):
        for param in command.params:
            if isinstance(param.default, bool) or not isinstance(param.default, str | int | float):
                continue
            (row,) = re.findall(rf"^\| `{param.opts[0]}`.*$", documented[name], re.M)
            assert any(form in row for form in forms(param.default)), (
                f"{name} {param.opts[0]}: {param.default}"
            )


def test_every_rule_of_a_refusal_has_its_row() -> None:
    source = "\n\n\n".join(path.read_text() for path in (ROOT / "src").rglob("*.py"))
    steps = set(re.findall(r'^class \w+\(Step\):\n(?:.*\n|\n(?=    ))*?    name = "(\w+)"', source, re.M)) - {
        "price"
    }
    asked = {*steps, LoopDetection.name, LimitHold.name, Credit.name}
    named = set(re.findall(r'\brule="(\w+)"', source))
    doors = {*v1._RULES.values(), v1._REQUEST, *smpp._BIND_RULES, "unavailable"}
    table = sections("api.md", r"^`(rule)` names the step that refused:$")["rule"].partition("\n\nIf ")[0]
    first_cells = re.findall(r"^\| (`.*?) \|", table, re.M)
    assert set(re.findall(r"`(\w+)`", "".join(first_cells))) - {"rule"} == asked | named | doors
    places = (ROOT / "docs" / "explanation" / "architecture.md").read_text()
    places = places.partition("### Find why a message was refused")[2].partition("\n### ")[0]
    for rule in asked:
        assert re.search(rf"^\|[^|]*`{rule}`[^|]*\|", places, re.M), rule


def test_every_filter_of_routes_has_its_row() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", (REFERENCE / "routes.md").read_text(), re.M)
    assert rows == list(RouteMatch.__struct_fields__)


def test_every_table_of_the_database_has_its_row(shop: Product) -> None:
    page = (REFERENCE / "database.md").read_text().partition("## Tables")[2]
    documented = set(re.findall(r"^\| `(\w+)` \|", page.partition("\n## ")[0], re.M))
    path = Path(str(shop.settings["data_dir"])) / "onesixty.db"
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        made = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    database.close()
    assert documented == {name for name in made if not name.startswith("sqlite_")}
