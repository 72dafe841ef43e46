"""From plain data (TOML, JSON) to a connector's settings, with errors that name the field.

Rules kept here:
- an unknown field is refused, never ignored; a value of the wrong kind is refused, never converted;
- an error is a `Problem` whose `param` is the field as the user wrote it (`settings.port`), so that the API, the
  file and the command line can all point at it;
- a secret is never shown again: `public` replaces it with a mask.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, TypeVar

import msgspec

from onesixty.core.errors import Problem
from onesixty.http.validation import of_msgspec

S = TypeVar("S", bound=msgspec.Struct)

#: Shown in place of a secret.
MASK: Final = "********"


def decode(settings: Mapping[str, object], into: type[S], *, param: str = "settings") -> S:
    """Convert `settings` to the struct `into`. Raises `Problem` (unknown_field, missing_field, invalid_field)."""
    try:
        return msgspec.convert(dict(settings), into)
    except msgspec.ValidationError as error:
        problem = of_msgspec(error, into.__struct_encode_fields__)
        # Without a field it is a fault of the whole, which a connector's `__post_init__` found.
        path = f"{param}.{problem.param}" if problem.param else param
        raise Problem(problem.code, problem.detail, param=path) from None


def invalid(field: str, detail: str, *, param: str = "settings") -> Problem:
    """Return the problem of a field with an unusable value, for checks that a type cannot express."""
    return Problem("invalid_field", detail, param=f"{param}.{field}")


def normal(settings: msgspec.Struct) -> dict[str, object]:
    """Return the settings that differ from their defaults, as plain data: the form in which they are stored."""
    return {
        field.name: msgspec.to_builtins(value)
        for field in msgspec.structs.fields(settings)
        if (value := getattr(settings, field.name)) != _default(field)
    }


def public(settings: msgspec.Struct, secrets: Iterable[str]) -> dict[str, object]:
    """Return all settings, with defaults filled in and secrets masked, to show to an operator."""
    shown: dict[str, object] = {
        name: msgspec.to_builtins(getattr(settings, name)) for name in settings.__struct_fields__
    }
    for name in secrets:
        if shown.get(name):
            shown[name] = MASK
    return shown


def _default(field: msgspec.structs.FieldInfo) -> object:
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()
    return field.default
