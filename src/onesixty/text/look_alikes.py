"""Characters that GSM-7 lacks, and what is written in their place, as data.

A look-alike is what a reader takes for the same at a glance: a curly quote and a straight one, a long dash
and a hyphen, a letter and the letter without its accent. Not in here, because nothing in GSM-7 looks
like them: other scripts, emoji, most symbols (degree, rupee, heart).

Decided, and kept:
- letters of Greek and Cyrillic only where the capital is the Latin capital to the eye; their small letters would make
  half a word Latin and are left alone, and so is a capital that only resembles (У, Й, Ё, Ά);
- accents are dropped by rule (`transliteration`), not by table: here stand only the letters that Unicode does not
  take apart (đ, ł, ħ), and those that have a nearer letter than the bare one (ő);
- what is invisible goes away: it carries no meaning in a text without other scripts.
"""

from __future__ import annotations

from typing import Final

# Replacement, and the characters that it replaces. A replacement is written in GSM-7 itself.
_ROWS: Final[tuple[tuple[str, str], ...]] = (
    # Quotes and primes, and the accents that people type for them.
    ("'", "‘’‚‛`´ʹʻʼʽˈˊˋ′‵‹›＇❛❜"),
    ('"', "“”„‟«»″‶ʺ˝〝〞〟＂❝❞"),
    ("'''", "‴"),
    # Dashes, hyphens, minus.
    ("-", "‐‑‒–—―−⁃⸺⸻﹘﹣－ˉ¯"),
    # Dots.
    (".", "․·‧∙⋅。"),
    ("..", "‥"),
    ("...", "…⋯"),
    # Bullets.
    ("*", "•‣◦●○■□▪▫◆◇★☆✱✳∗⁎＊"),
    # Spaces and line ends. A tab is one space, as most handsets show it.
    (
        " ",
        "\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
    ),
    ("\n", "\u000b\u0085\u2028\u2029"),
    # Invisible: soft hyphen, joiners, marks of direction, variation selectors, byte order mark.
    ("", "\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"),
    ("", "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufe00\ufe01\ufe0e\ufe0f\ufeff"),
    # Punctuation and marks.
    ("!", "ǃ"),
    ("!!", "‼"),
    ("!?", "⁉"),
    ("??", "⁇"),
    ("?!", "⁈"),
    ("/", "⁄∕÷"),
    ("\\", "∖"),
    (":", "∶ː"),
    (",", "、¸"),
    ("|", "¦ǀ∣│"),
    ("||", "‖"),
    ("~", "˜∼〜"),
    ("^", "ˆ˄"),
    ("_", "‗"),
    ("<", "〈⟨"),
    (">", "〉⟩"),
    ("<<", "≪"),
    (">>", "≫"),
    ("<=", "≤≦"),
    (">=", "≥≧"),
    ("+/-", "±"),
    ("->", "→➔➜"),
    ("<-", "←"),
    ("<->", "↔"),
    ("=>", "⇒"),
    ("<=>", "⇔"),
    ("x", "×✕✖"),
    ("(C)", "©"),
    ("(R)", "®"),
    ("(P)", "℗"),
    ("TM", "™"),
    ("SM", "℠"),
    ("No", "№"),
    ("c/o", "℅"),
    ("%.", "‰"),
    ("[", "【〔"),
    ("]", "】〕"),
    # Currencies with a letter or sign of their own in GSM-7.
    ("c", "¢"),
    ("£", "₤"),
    # Letters that Unicode does not take apart.
    ("A", "Ⱥ"),
    ("a", "ªⱥ"),
    ("AE", "Ǣ"),
    ("B", "Ƀ"),
    ("b", "ƀ"),
    ("D", "ÐĐƉ"),
    ("d", "ðđ"),
    ("G", "Ǥ"),
    ("g", "ǥ"),
    ("H", "Ħ"),
    ("h", "ħ"),
    ("I", "Ɨ"),
    ("i", "ıɨ"),
    ("IJ", "Ĳ"),
    ("ij", "ĳ"),
    ("J", "Ɉ"),
    ("j", "ȷɉ"),
    ("k", "ĸ"),
    ("L", "ŁĿȽ"),
    ("l", "łŀƚ"),
    ("N", "Ŋ"),
    ("n", "ŉŋ"),
    ("O", "Ɵ"),
    ("o", "º"),
    ("OE", "Œ"),
    ("oe", "œ"),
    ("R", "Ɍ"),
    ("r", "ɍ"),
    ("s", "ſ"),
    ("SS", "ẞ"),
    ("T", "ŦȾ"),
    ("t", "ŧⱦ"),
    ("Th", "Þ"),
    ("th", "þ"),
    ("U", "Ʉ"),
    ("u", "µʉ"),
    ("Y", "Ɏ"),
    ("y", "ɏ"),
    ("Z", "Ƶ"),
    ("z", "ƶ"),
    # Hungarian's long umlauts: their short ones are nearer than the bare letters.
    ("Ö", "Ő"),
    ("ö", "ő"),
    ("Ü", "Ű"),
    ("ü", "ű"),
    # Ligatures of print, and letters that are one sign.
    ("ff", "ﬀ"),
    ("fi", "ﬁ"),
    ("fl", "ﬂ"),
    ("ffi", "ﬃ"),
    ("ffl", "ﬄ"),
    ("st", "ﬅﬆ"),
    ("DZ", "ǄǱ"),
    ("Dz", "ǅǲ"),
    ("dz", "ǆǳ"),
    ("LJ", "Ǉ"),
    ("Lj", "ǈ"),
    ("lj", "ǉ"),
    ("NJ", "Ǌ"),
    ("Nj", "ǋ"),
    ("nj", "ǌ"),
    # Signs that are Greek letters of GSM-7 to the eye.
    ("Δ", "∆"),
    ("Σ", "∑"),
    ("Π", "∏"),
    # Fractions.
    ("1/4", "¼"),
    ("1/2", "½"),
    ("3/4", "¾"),
    ("1/3", "⅓"),
    ("2/3", "⅔"),
    ("1/5", "⅕"),
    ("2/5", "⅖"),
    ("3/5", "⅗"),
    ("4/5", "⅘"),
    ("1/6", "⅙"),
    ("5/6", "⅚"),
    ("1/7", "⅐"),
    ("1/8", "⅛"),
    ("3/8", "⅜"),
    ("5/8", "⅝"),
    ("7/8", "⅞"),
    ("1/9", "⅑"),
    ("1/10", "⅒"),
)

# One character for one, in the order of the two strings.
_PAIRS: Final[tuple[tuple[str, str], ...]] = (
    # Greek and Cyrillic capitals that are Latin ones to the eye.
    ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX"),
    ("АВЕЅІЈКМНОРСТХ", "ABESIJKMHOPCTX"),
    # Raised and lowered digits and signs.
    ("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ", "0123456789+-=()ni"),
    ("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎", "0123456789+-=()"),
)

# Roman numerals: U+2160 to 216F are capitals, U+2170 to 217F small.
_ROMAN: Final = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "L", "C", "D", "M"]

# Full-width forms are ASCII at a distance: U+FF01 stands for `!`. The grave accent is in the rows above.
_FULL_WIDTH: Final = {chr(0xFEE0 + code): chr(code) for code in range(0x21, 0x7F) if chr(code) != "`"}

#: Character to replacement; "" for what goes away.
LOOK_ALIKES: Final[dict[str, str]] = {
    **{character: replacement for replacement, characters in _ROWS for character in characters},
    **{one: other for ones, others in _PAIRS for one, other in zip(ones, others, strict=True)},
    **{chr(0x2160 + place): numeral for place, numeral in enumerate(_ROMAN)},
    **{chr(0x2170 + place): numeral.lower() for place, numeral in enumerate(_ROMAN)},
    **{chr(0x2460 + place): f"({place + 1})" for place in range(20)},
    **_FULL_WIDTH,
    "｀": "'",
    "￠": "c",
    "￡": "£",
    "￥": "¥",
    "￣": "-",
    "￤": "|",
}

#: Letters of mathematics (bold, italic, script, double-struck): each is its letter or digit in another
#: dress, which Unicode knows (NFKC).
DRESSED: Final = (0x1D400, 0x1D7FF)
