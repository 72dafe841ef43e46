"""Languages of texts: tags, which language stands in for which, and the direction of reading.

Tags are those of BCP 47, as far as texts differ by them: language, script, region (`pt-BR`, `zh-Hant`, `es-419`).

Rules kept here:
- a language falls back to what its readers read: by cutting its tag from the right, and by the table below (parents
  of CLDR, and the languages that its readers understand without effort);
- it never falls back to another language of the same country: `uk` does not reach `ru`, `pt-BR` not `pt-PT`;
- what was chosen is told, so a fallback is never silent.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from typing import Final, Literal

Direction = Literal["ltr", "rtl"]

_TAG: Final = re.compile(r"([a-z]{2,3})(?:-([a-z]{4}))?(?:-([a-z]{2}|[0-9]{3}))?")
LONGEST: Final = 12

#: Former and other codes of the same language.
_SAME: Final = {"iw": "he", "in": "id", "tl": "fil", "sh": "sr-Latn", "mo": "ro", "ji": "yi", "jw": "jv"}

#: What comes after a tag, if it is not the tag cut from the right. None: nothing.
_NEXT: Final[dict[str, str | None]] = {
    # Chinese is read in one of two scripts, and which one follows from the region.
    "zh-CN": "zh-Hans", "zh-SG": "zh-Hans", "zh-MY": "zh-Hans",
    "zh-TW": "zh-Hant", "zh-HK": "zh-Hant", "zh-MO": "zh-Hant", "zh-Hant-MO": "zh-Hant-HK", "zh-Hant": None,
    # Portuguese outside of Brazil is written like that of Portugal.
    "pt-AO": "pt-PT", "pt-CH": "pt-PT", "pt-CV": "pt-PT", "pt-GQ": "pt-PT", "pt-GW": "pt-PT", "pt-LU": "pt-PT",
    "pt-MO": "pt-PT", "pt-MZ": "pt-PT", "pt-ST": "pt-PT", "pt-TL": "pt-PT",
    # Spanish of Latin America.
    **dict.fromkeys(
        ("es-AR", "es-BO", "es-BR", "es-BZ", "es-CL", "es-CO", "es-CR", "es-CU", "es-DO", "es-EC", "es-GT", "es-HN",
         "es-MX", "es-NI", "es-PA", "es-PE", "es-PR", "es-PY", "es-SV", "es-US", "es-UY", "es-VE"), "es-419"),
    # Norwegian: both forms are read by everybody, and `no` is written as Bokmål.
    "nn": "nb", "nb": "no", "no": "nb",
    # Bosnian and Croatian differ little in a short text.
    "bs": "hr", "bs-Cyrl": None,
    # A language in another than its usual script is not read by everybody.
    "pa-Arab": None, "uz-Cyrl": None, "az-Cyrl": None, "kk-Latn": None, "ku-Arab": None,
}  # fmt: skip

#: What a tag without script or country means, by the likely subtags of CLDR. Serbian is an exception: a short message
#: is written in Latin letters, of which twice as many fit.
_LIKELY: Final = {"pt": "pt-BR", "zh": "zh-Hans", "sr": "sr-Latn"}

_RTL_LANGUAGES: Final = frozenset(
    ("ar", "arc", "azb", "bal", "bgn", "ckb", "dv", "fa", "glk", "he", "khw", "ks", "lrc", "luz", "mzn", "nqo", "pnb",
     "prs", "ps", "sd", "skr", "syr", "ug", "ur", "yi")
)  # fmt: skip
_RTL_SCRIPTS: Final = frozenset(
    ("Adlm", "Arab", "Aran", "Hebr", "Mand", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa")
)


def canonical(tag: str) -> str:
    """Return a tag as BCP 47 writes it: `PT_br` becomes `pt-BR`. Raises ValueError."""
    found = _TAG.fullmatch(tag.replace("_", "-").lower()) if len(tag) <= LONGEST else None
    if found is None:
        raise ValueError("A language is written like `pt`, `pt-BR` or `zh-Hant`.")
    language, script, region = found.groups()
    language = _SAME.get(language, language)
    if script is not None and "-" not in language:
        language = f"{language}-{script.title()}"
    return language if region is None else f"{language}-{region.upper()}"


@lru_cache(maxsize=1024)
def chain(language: str) -> tuple[str, ...]:
    """Return the languages in whose place a text may stand, beginning with the tag itself."""
    found: list[str] = []
    tag: str | None = language
    while tag is not None and tag not in found:
        found.append(tag)
        tag = _NEXT[tag] if tag in _NEXT else (tag.rpartition("-")[0] or None)
    if language in _LIKELY:
        found.append(_LIKELY[language])
    return tuple(found)


def chosen(asked: str, available: Collection[str], default: str | None) -> str | None:
    """Return the language whose text is sent to who asked for `asked`; None if nothing fits."""
    for tag in chain(asked):
        if tag in available:
            return tag
    return default if default in available else None


def direction(language: str) -> Direction:
    """Return how a language is read."""
    first, *rest = language.split("-")
    for part in rest:
        if len(part) == 4:
            return "rtl" if part in _RTL_SCRIPTS else "ltr"
    return "rtl" if first in _RTL_LANGUAGES else "ltr"
