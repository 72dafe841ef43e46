"""Text of short messages: alphabets, counting, segments, user data headers.

A library of its own: it imports nothing of the rest of onesixty. Which file does what:

- `gsm0338`: the GSM 7 bit default alphabet, its extension table and their codec (tables);
- `national`, `shifts`: the national language shift tables (data), and text written with them;
- `packed`: septets packed into octets;
- `cuts`: how much a segment holds, and where a text may be cut;
- `plan`: encoding and number of segments, for price and preview: the plain path;
- `segmentation`: text to segments in the alphabet of a link: the plain path;
- `headed`: both, for what has a header of its own (shift tables, the caller's UDH, binary content);
- `as_cut`: both, for messages that stay in the parts their sender cut;
- `udh`: the user data header and concatenation;
- `data_coding`: what a data_coding means;
- `incoming`: octets to text, tolerantly: what carriers hand over;
- `strict`: octets to text, strictly: what customers send;
- `look_alikes`, `transliteration`: characters that GSM-7 lacks (data), and text made of their look-alikes;
- `costs`: which characters make a text dear, for preview;
- `errors`: all that is raised.
"""

from .as_cut import count_cut, render_cut
from .costs import Costly, Costs, costs
from .cuts import MAX_SEGMENTS, ReferenceBits
from .data_coding import (
    FLASH,
    OCTETS,
    UCS2,
    DataCoding,
    FlashForm,
    adapted,
    data_coding_of,
    scheme_of,
    with_class,
)
from .errors import (
    LoneSurrogate,
    MalformedUDH,
    NoRoom,
    NoShiftTables,
    NotInAlphabet,
    Offending,
    TextError,
    TooManySegments,
    Undecodable,
    UnknownLanguage,
)
from .headed import LANGUAGE_CHOICES, Choice, choose, count_binary, render_binary, render_headed
from .incoming import Part, decode, decode_parts
from .national import LANGUAGES
from .packed import pack, unpack
from .plan import Count, Encoding, EncodingChoice, count
from .segmentation import Alphabet, Rendering, Segment, one_segment, render, segment
from .shifts import NO_SHIFTS, Shifts, shifts_of
from .strict import check_part, decode_parts_strictly, decode_strictly
from .transliteration import Replacement, Transliterated, look_alike, transliterate
from .udh import (
    Concat,
    InformationElement,
    compose_udh,
    concat_of,
    concat_udh,
    parse_udh,
    split_udh,
)

__all__ = [
    "FLASH",
    "LANGUAGES",
    "LANGUAGE_CHOICES",
    "MAX_SEGMENTS",
    "NO_SHIFTS",
    "OCTETS",
    "UCS2",
    "Alphabet",
    "Choice",
    "Concat",
    "Costly",
    "Costs",
    "Count",
    "DataCoding",
    "Encoding",
    "EncodingChoice",
    "FlashForm",
    "InformationElement",
    "LoneSurrogate",
    "MalformedUDH",
    "NoRoom",
    "NoShiftTables",
    "NotInAlphabet",
    "Offending",
    "Part",
    "ReferenceBits",
    "Rendering",
    "Replacement",
    "Segment",
    "Shifts",
    "TextError",
    "TooManySegments",
    "Transliterated",
    "Undecodable",
    "UnknownLanguage",
    "adapted",
    "check_part",
    "choose",
    "compose_udh",
    "concat_of",
    "concat_udh",
    "costs",
    "count",
    "count_binary",
    "count_cut",
    "data_coding_of",
    "decode",
    "decode_parts",
    "decode_parts_strictly",
    "decode_strictly",
    "look_alike",
    "one_segment",
    "pack",
    "parse_udh",
    "render",
    "render_binary",
    "render_cut",
    "render_headed",
    "scheme_of",
    "segment",
    "shifts_of",
    "split_udh",
    "transliterate",
    "unpack",
    "with_class",
]
