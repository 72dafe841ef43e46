"""Which content coding a request takes, and whether it has the answer already: `Accept-Encoding` with its weights
(RFC 9110, 12.4.2 and 12.5.3) and `If-None-Match` (13.1.2).

Rules kept here:
- the highest weight wins; among equal weights the smallest form does: brotli, then gzip, then none;
- a coding with the weight 0 is never sent. If nothing is left, the file is sent without coding, because a file is of
  more use than a refusal;
- a request without the field gets the file without coding.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal

from starlette.requests import Request

Coding = Literal["br", "gzip", "identity"]

#: From the smallest form to the largest.
ORDER: Final[tuple[Coding, ...]] = ("br", "gzip", "identity")
#: The weight of no coding if the field does not name it: acceptable, and less wanted than everything named.
_UNNAMED: Final = 0.0001
_ALIASES: Final = {"x-gzip": "gzip"}
_WEIGHT: Final = re.compile(r"q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)", re.IGNORECASE)


@lru_cache(maxsize=256)
def wanted(field: bytes | None) -> tuple[Coding, ...]:
    """The codings that a request takes, the best first. No coding is always the last resort."""
    if field is None:
        return ("identity",)
    weights = _weights(field.decode("latin-1"))
    others = weights.get("*")
    named = {coding: weights.get(coding, others) for coding in ORDER}
    if named["identity"] is None:
        named["identity"] = _UNNAMED
    taken = [coding for coding in ORDER if named[coding]]
    taken.sort(key=lambda coding: -(named[coding] or 0.0))  # stable: equal weights keep the order of sizes
    if "identity" not in taken:
        taken.append("identity")
    return tuple(taken)


def prefers_gzip(field: bytes | None) -> bool:
    """Whether gzip is the better of gzip and no coding."""
    return next(coding for coding in wanted(field) if coding != "br") == "gzip"


def matches(field: bytes | None, tag: bytes) -> bool:
    """Whether If-None-Match names the entity tag (compared as weak tags)."""
    if field is None:
        return False
    if field.strip() == b"*":
        return True
    return tag in (given.strip().removeprefix(b"W/") for given in field.split(b","))


def header(request: Request, name: str) -> bytes | None:
    """A field of a request as these functions take it."""
    value = request.headers.get(name)
    return None if value is None else value.encode("latin-1")


def _weights(field: str) -> dict[str, float]:
    """The weight of each coding that the field names. What cannot be read is left out."""
    found: dict[str, float] = {}
    for member in field.split(","):
        name, *parameters = (part.strip() for part in member.split(";"))
        weight = 1.0
        if parameters:
            match = _WEIGHT.fullmatch(parameters[0])
            if match is None:
                continue
            weight = float(match[1])
        name = name.lower()
        if name:
            found.setdefault(_ALIASES.get(name, name), weight)
    return found
