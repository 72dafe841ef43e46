"""Ready profiles: a provider as data. `type = "twilio"` and the few settings of its profile make an HTTP carrier.

Each profile is a file in this folder, and another provider is one more file:

- `secrets` names the settings that are never shown again, `base_url` is the provider's usual address;
- `[settings]` declares the profile's own settings. A setting without a `default` is required;
- `[http]` has the connector's settings (`http.settings`), in which `${name}` stands for one of the profile's
  settings. Its tables list for each code or state of onesixty the provider's words for it;
- `[with.NAME]` overrides `[http]` if the setting NAME is given, `[without.NAME]` if it is not;
- `[meanings.NAME]` gives the text of `${NAME}` for each value of this setting that onesixty calls differently.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from string import Template
from typing import Annotated, Any, Final, Literal, cast

import msgspec

from onesixty.carriers.http.settings import HttpSettings, LinkSettings, ProfileSettings

#: The constraints of a setting that declares none: an account's id or key, as used in a path or a header.
_REQUIRED: Final[dict[str, Any]] = {"min_length": 1, "max_length": 512, "pattern": r"^[!-z|~]+$"}
_OPTIONAL: Final[dict[str, Any]] = {"max_length": 4096, "pattern": r"^[!-z|~]*$"}
#: Tables of the provider's words.
_WORDS: Final = (("answer", "codes"), ("answer", "statuses"), ("receipts", "states"), ("receipts", "errors"))


class Profile:
    """A provider, read from its file at the first use of a carrier of this type."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def _said(self) -> dict[str, Any]:
        said = tomllib.loads(self._path.read_text(encoding="utf-8"))
        for part, name in _WORDS:
            if name in said["http"].get(part, {}):
                said["http"][part][name] = _rows(said["http"][part][name])
        return said

    @property
    def secrets(self) -> tuple[str, ...]:
        """The settings that are never shown again."""
        return tuple(self._said["secrets"])

    @cached_property
    def settings(self) -> type[ProfileSettings]:
        """The struct type of a carrier's settings."""
        fields = [_field(name, said) for name, said in self._said["settings"].items()]
        struct = msgspec.defstruct(
            "Settings", fields, bases=(ProfileSettings,), kw_only=True, forbid_unknown_fields=True
        )
        return cast(type[ProfileSettings], struct)

    def expand(self, settings: ProfileSettings) -> HttpSettings:
        """Return the connector's settings for the provider's API."""
        said = self._said
        given = {name: getattr(settings, name) for name in settings.__struct_fields__}
        meanings = said.get("meanings", {})
        words = {
            name: meanings.get(name, {}).get(one, one) for name, one in given.items() if isinstance(one, str)
        }
        words["base_url"] = settings.base_url or Template(said["base_url"]).substitute(words)
        http = said["http"]
        for name, more in said.get("with", {}).items():
            http = _merged(http, more) if given[name] else http
        for name, more in said.get("without", {}).items():
            http = http if given[name] else _merged(http, more)
        http = _filled(http, words)
        answer = http["answer"]
        # The operator's rows go before the profile's.
        answer["codes"] = answer.get("codes", {}) | settings.codes
        link = {name: given[name] for name in LinkSettings.__struct_fields__}
        return msgspec.convert(link | http, HttpSettings)


def _field(name: str, said: dict[str, Any]) -> tuple[str, Any] | tuple[str, Any, str]:
    if "choices" in said:
        type_: Any = Literal[tuple(said["choices"])]
    else:
        kind = _OPTIONAL if "default" in said else _REQUIRED
        type_ = Annotated[str, msgspec.Meta(**kind | {k: v for k, v in said.items() if k != "default"})]
    return (name, type_, said["default"]) if "default" in said else (name, type_)


def _rows(words: dict[str, str]) -> dict[str, str]:
    """Convert `code = "a b c"` to rows from each of a, b and c to the code."""
    return {word: code for code, said in words.items() for word in said.split()}


def _merged(one: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Merge two tables; if both have a value, that of `over` is used."""
    inner = {
        name: _merged(one[name], over[name]) for name in one.keys() & over if isinstance(over[name], dict)
    }
    return {**one, **over, **inner}


def _filled(value: Any, words: Mapping[str, str]) -> Any:
    """Replace `${name}` in the value by the words, at every depth."""
    if isinstance(value, dict):
        return {name: _filled(one, words) for name, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, words) for one in value]
    return Template(value).substitute(words).strip() if isinstance(value, str) and "$" in value else value


PROFILES: Final = {path.stem: Profile(path) for path in sorted(Path(__file__).parent.glob("*.toml"))}
