"""What is installed runs or stops the start: the errors name the extension, its package, and what to do."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from onesixty.extensions.loading import Extension, ExtensionError, Extensions, load
from onesixty.ops import settings as settings_
from onesixty.ops.settings import Settings, SettingsError
from tests.extensions.shouting import Settings as Shouting
from tests.support.extensions import found_in, install

SHOUTING = "tests.extensions.shouting:EXTENSION"
Load = Callable[..., Extensions]


@pytest.fixture
def load_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Install the given entry points, and load them with these settings."""
    monkeypatch.syspath_prepend(tmp_path)

    def run(points: Mapping[str, str], module: str = "", **settings: Any) -> Extensions:
        sys.modules.pop("acme", None)
        install(tmp_path, {"acme.py": module}, points)
        return load(Settings(**settings), found_in(tmp_path))

    return run


def the_one(extensions: Extensions) -> Extension:
    (one,) = extensions.all
    return one


def test_a_node_without_packages_has_no_extensions() -> None:
    assert load(Settings(), ()).all == ()
    assert load(Settings()).all == (), "the development environment has none"


def test_an_installed_step_is_loaded_with_its_settings(load_from: Load) -> None:
    one = the_one(
        load_from({"steps:shouting": SHOUTING}, extensions={"shouting": {"capitals": 3, "words": ["SMS"]}})
    )
    assert (one.name, one.kind, one.package, one.version) == ("shouting", "step", "acme-rules", "1.2")
    assert one.settings == Shouting(capitals=3, words=("SMS",))


def test_an_extension_that_is_not_allowed_is_not_imported(load_from: Load) -> None:
    points = {"steps:broken": "acme:EXTENSION"}
    assert load_from(points, "raise RuntimeError", extensions_allowed="off").all == ()
    assert "acme" not in sys.modules


def test_only_allowed_names_are_loaded(load_from: Load) -> None:
    points = {"steps:broken": "acme:EXTENSION", "sinks:shouting": SHOUTING, "steps:loud": SHOUTING}
    loaded = load_from(points, "raise RuntimeError", extensions_allowed="loud", extensions={"broken": {}})
    assert the_one(loaded).name == "loud"


ERRORS: dict[str, tuple[dict[str, str], str, dict[str, Any], str]] = {
    "import": (
        {"steps:bad": "acme:EXTENSION"},
        "import no_such_module",
        {},
        r"extension bad of acme-rules 1.2 \(onesixty.steps: acme:EXTENSION\): it cannot be imported "
        r"\(ModuleNotFoundError: No module named 'no_such_module'\). Repair or uninstall the package. "
        r"ONESIXTY_EXTENSIONS_ALLOWED starts onesixty without it: off, or the names of others",
    ),
    "no value": ({"steps:bad": "acme:MISSING"}, "", {}, "cannot be imported .AttributeError"),
    "kind": ({"sinks:bad": SHOUTING}, "", {}, "must be a SinkExtension, and is a StepExtension"),
    "version": (
        {"steps:bad": "acme:EXTENSION"},
        "from onesixty.extensions import *\nEXTENSION = StepExtension(api=7, make=Step)",
        {},
        r"is made for version 7 of the contract, and onesixty \S+ has 1. Install a version of the package",
    ),
    "settings of a step": (
        {"steps:bad": "acme:IT"},
        "from onesixty.extensions import *\nIT = StepExtension(api=1, make=Step, settings=dict)",
        {},
        "its `settings` must be a subclass of Struct",
    ),
    "settings of a sink": (
        {"sinks:bad": "acme:IT"},
        "from onesixty.extensions import *\nIT = SinkExtension(api=1, make=Sink, settings=NoSettings)",
        {},
        "its `settings` must be a subclass of SinkSettings",
    ),
    "name": ({"steps:Bad-Name": SHOUTING}, "", {}, "its name must be lower-case"),
    "type": (
        {"connectors:smpp": "acme:IT"},
        "from onesixty.extensions import *\nIT = ConnectorExtension(api=1, build=print, settings=NoSettings)",
        {},
        "smpp is a type of carriers in onesixty itself",
    ),
    "not installed": ({}, "", {"extensions": {"typo": {}}}, r"\[extensions.typo\]: no extension typo is"),
    "not allowed": ({}, "", {"extensions_allowed": "typo"}, "extensions_allowed: no extension typo is"),
    "setting": (
        {"steps:loud": SHOUTING},
        "",
        {"extensions": {"loud": {"capital": 1}}},
        r"\[extensions.loud\]: unknown setting `capital`. The settings are: capitals, words",
    ),
    "value": (
        {"steps:loud": SHOUTING},
        "",
        {"extensions": {"loud": {"capitals": "many"}}},
        r"\[extensions.loud\]: `capitals` must be an integer",
    ),
}


@pytest.mark.parametrize("case", ERRORS)
def test_what_cannot_be_used_stops_the_start(case: str, load_from: Load) -> None:
    points, module, settings, said = ERRORS[case]
    with pytest.raises(ExtensionError, match=said):
        load_from(points, module, **settings)


def test_two_packages_with_one_name_stop_the_start(tmp_path: Path) -> None:
    install(tmp_path, {}, {"steps:loud": SHOUTING})
    install(tmp_path, {}, {"steps:loud": SHOUTING}, package="other")
    with pytest.raises(ExtensionError, match=r"two extensions have the name loud: .*acme-rules.*other"):
        load(Settings(), found_in(tmp_path))


def test_variables_are_settings_of_extensions(tmp_path: Path, load_from: Load) -> None:
    (tmp_path / "onesixty.toml").write_text('[extensions.loud]\ncapitals = 9\nwords = ["SMS"]\n')
    given = settings_.load({"ONESIXTY_EXTENSIONS__LOUD__CAPITALS": "4"}, tmp_path)
    assert the_one(load_from({"steps:loud": SHOUTING}, extensions=given.extensions)).settings == Shouting(
        capitals=4, words=("SMS",)
    )


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("CAPITALS", "many", r"\[extensions.loud\]: `capitals` must be an integer, not a string"),
        ("WORDS", "SMS", r"\[extensions.loud\]: `words` must be a list, not a string"),
        ("CAPITAL", "1", r"\[extensions.loud\]: unknown setting `capital`"),
    ],
)
def test_a_variable_that_does_not_fit_is_refused(
    name: str, value: str, said: str, tmp_path: Path, load_from: Load
) -> None:
    given = settings_.load({f"ONESIXTY_EXTENSIONS__LOUD__{name}": value}, tmp_path)
    with pytest.raises(ExtensionError, match=said):
        load_from({"steps:loud": SHOUTING}, extensions=given.extensions)


def test_a_list_in_a_variable_is_json(tmp_path: Path, load_from: Load) -> None:
    given = settings_.load({"ONESIXTY_EXTENSIONS__LOUD__WORDS": '["SMS", "GSM"]'}, tmp_path)
    assert the_one(load_from({"steps:loud": SHOUTING}, extensions=given.extensions)).settings.words == (
        "SMS",
        "GSM",
    )


def test_a_variable_without_a_setting_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="must have the form ONESIXTY_EXTENSIONS__<NAME>__<SETTING>"):
        settings_.load({"ONESIXTY_EXTENSIONS__LOUD": "1"}, tmp_path)


@pytest.mark.parametrize("file", ["[extensions]\nloud = 5", "extensions = 5"])
def test_what_is_no_table_is_refused_also_beside_a_variable(file: str, tmp_path: Path) -> None:
    (tmp_path / "onesixty.toml").write_text(file)
    for variables in ({}, {"ONESIXTY_EXTENSIONS__LOUD__CAPITALS": "4"}):
        with pytest.raises(SettingsError, match="`extensions`: must be an object, not an integer"):
            settings_.load(variables, tmp_path)


@pytest.mark.parametrize(
    ("given", "meant"), [("all", "all"), ("off", ()), ("", ()), ("a, b", ("a", "b")), (["a"], ("a",))]
)
def test_which_extensions_are_allowed(given: Any, meant: Any) -> None:
    assert Settings(extensions_allowed=given).extensions_allowed == meant
