"""Finds installed extensions, checks them, and reads their settings: before anything else of a node starts.

Rules kept here:
- what is installed and allowed runs, or the node does not start: an extension is never missing silently;
- an error names the extension, its package and its entry point, and says what to do;
- an extension that is not allowed is not imported at all;
- settings come from `[extensions.<name>]` in the file and from `ONESIXTY_EXTENSIONS__<NAME>__<FIELD>`; the variable
  wins. A table for an extension that is not installed stops the start, because it is a mistake in one of the two.
"""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from importlib.metadata import EntryPoint
from typing import Any, Final

import msgspec

from onesixty import __version__
from onesixty.carriers.registry import BUILT_IN, Connector, Connectors
from onesixty.core.errors import Problem
from onesixty.extensions.contract import (
    SUPPORTED,
    ConnectorExtension,
    Declared,
    SinkExtension,
    SinkSettings,
    StepExtension,
)
from onesixty.http.validation import of_msgspec
from onesixty.ops.settings import ALL, FromVariable, Settings, SettingsError

#: What each group of entry points leads to.
GROUPS: Final[dict[str, type[Any]]] = {
    "onesixty.steps": StepExtension,
    "onesixty.connectors": ConnectorExtension,
    "onesixty.sinks": SinkExtension,
}
#: Names stand in settings, metrics and variables, where a double underscore separates.
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_LONGEST: Final = 40


class ExtensionError(SettingsError):
    """An extension that cannot be used. The message names it and says what to do."""


class Extension(msgspec.Struct, frozen=True):
    """A loaded extension. `kind` is step, connector or sink; `settings` is None for a connector, whose settings stand
    at each carrier."""

    name: str
    kind: str
    package: str
    version: str
    declared: Declared
    settings: Any

    @property
    def about(self) -> str:
        """The extension and its package, for errors."""
        return f"extension {self.name} ({self.package} {self.version})"


class Extensions:
    """The extensions of a node, by kind."""

    def __init__(self, all_: Iterable[Extension] = ()) -> None:
        self.all = tuple(all_)
        self.steps = tuple(one for one in self.all if isinstance(one.declared, StepExtension))
        self.sinks = tuple(one for one in self.all if isinstance(one.declared, SinkExtension))
        #: The types of carriers, those of onesixty and the installed ones.
        self.connectors = Connectors(
            {
                one.name: _connector(one.declared)
                for one in self.all
                if isinstance(one.declared, ConnectorExtension)
            }
        )


def load(settings: Settings, found: Iterable[EntryPoint] | None = None) -> Extensions:
    """Load the allowed extensions. `found` are the entry points, by default those of all installed packages.

    Raises ExtensionError for the first one that cannot be used.
    """
    allowed = settings.extensions_allowed
    if not allowed:
        return Extensions()
    if found is None:
        installed = importlib.metadata.entry_points()
        found = [point for group in GROUPS for point in installed.select(group=group)]
    points: dict[str, EntryPoint] = {}
    for point in sorted(found, key=lambda point: (point.name, point.group)):
        other = points.setdefault(point.name, point)
        if other is not point and _where(other) != _where(point):
            raise ExtensionError(
                f"two extensions have the name {point.name}: {_where(other)} and {_where(point)}. "
                "Uninstall one of the packages"
            )
    _check_names(settings, points)
    chosen = [point for name, point in points.items() if allowed == ALL or name in allowed]
    return Extensions([_load(point, settings.extensions.get(point.name, {})) for point in chosen])


def _check_names(settings: Settings, points: Mapping[str, EntryPoint]) -> None:
    """Refuse names that settings say and that are not installed."""
    installed = ", ".join(points) or "none"
    if settings.extensions_allowed != ALL:
        for name in settings.extensions_allowed:
            if name not in points:
                raise ExtensionError(
                    f"extensions_allowed: no extension {name} is installed. Installed: {installed}"
                )
    for name in settings.extensions:
        if name not in points:
            raise ExtensionError(
                f"[extensions.{name}]: no extension {name} is installed. Installed: {installed}. "
                "Install its package, or remove the table"
            )


def _load(point: EntryPoint, table: Mapping[str, Any]) -> Extension:
    where = _where(point)
    if not _NAME.fullmatch(point.name) or len(point.name) > _LONGEST:
        raise _error(where, "its name must be lower-case letters, digits and single underscores, up to 40")
    try:
        declared = point.load()
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise _error(where, f"it cannot be imported ({reason}). Repair or uninstall the package") from error
    expected = GROUPS[point.group]
    if not isinstance(declared, expected):
        raise _error(
            where, f"{point.value} must be a {expected.__name__}, and is a {type(declared).__name__}"
        )
    if declared.api not in SUPPORTED:
        versions = ", ".join(map(str, sorted(SUPPORTED)))
        raise _error(
            where,
            f"it is made for version {declared.api} of the contract, and onesixty {__version__} has {versions}. "
            "Install a version of the package, or of onesixty, that fits",
        )
    base = SinkSettings if isinstance(declared, SinkExtension) else msgspec.Struct
    if not (isinstance(declared.settings, type) and issubclass(declared.settings, base)):
        raise _error(where, f"its `settings` must be a subclass of {base.__name__}")
    distribution = point.dist
    return Extension(
        name=point.name,
        kind=point.group.removeprefix("onesixty.").removesuffix("s"),
        package=distribution.name if distribution is not None else point.module,
        version=distribution.version if distribution is not None else "",
        declared=declared,
        settings=_settings(point, declared, table),
    )


def _settings(point: EntryPoint, declared: Declared, table: Mapping[str, Any]) -> Any:
    if isinstance(declared, ConnectorExtension):
        if point.name in BUILT_IN.types:
            raise _error(_where(point), f"{point.name} is a type of carriers in onesixty itself")
        if table:
            raise ExtensionError(
                f"[extensions.{point.name}]: a connector has no settings of its own. "
                f'They stand at each carrier of type "{point.name}"'
            )
        return None
    known = {field.encode_name: field.type for field in msgspec.structs.fields(declared.settings)}
    fields: dict[str, Any] = {}
    try:
        for name, value in table.items():
            if name not in known:
                shown = ", ".join(known) or "none"
                raise Problem("unknown_field", f"unknown setting `{name}`. The settings are: {shown}")
            fields[name] = (
                _of_text(value.value, known[name], name) if isinstance(value, FromVariable) else value
            )
        return msgspec.convert(fields, declared.settings)
    except msgspec.ValidationError as error:
        problem = of_msgspec(error, tuple(known))
    except Problem as refused:
        problem = refused
    raise ExtensionError(f"[extensions.{point.name}]: {problem.detail}")


def _of_text(text: str, type_: Any, name: str) -> Any:
    """The value of this type that the text of a variable stands for: a list or table as JSON, anything else as it
    stands, also a number or truth value. Raises Problem."""
    given: Any = text
    if text[:1] in ("[", "{"):
        with suppress(msgspec.DecodeError):
            given = msgspec.json.decode(text)
    try:
        return msgspec.convert(given, type_, strict=False)
    except msgspec.ValidationError as error:
        raise of_msgspec(error, at=name) from None


def _connector(declared: ConnectorExtension[Any]) -> Connector:
    return Connector(
        declared.settings,
        declared.secrets,
        declared.simulated,
        declared.check,
        declared.build,
        declared.target,
        declared.channel,
    )


def _where(point: EntryPoint) -> str:
    """The extension, its package and its entry point, for errors."""
    package = "" if point.dist is None else f" of {point.dist.name} {point.dist.version}"
    return f"extension {point.name}{package} ({point.group}: {point.value})"


def _error(where: str, what: str) -> ExtensionError:
    return ExtensionError(
        f"{where}: {what}. ONESIXTY_EXTENSIONS_ALLOWED starts onesixty without it: off, or the names of others"
    )
