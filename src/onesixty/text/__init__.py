"""Text of short messages: alphabets, counting, segments, user data headers.

A library of its own: it imports nothing of the rest of onesixty. Which file does what:

- `gsm0338`: the GSM 7 bit default alphabet, its extension table and their codec (tables);
- `cuts`: how much a segment holds, and where a text may be cut;
- `plan`: encoding and number of segments, for price and preview;
- `segmentation`: text to segments in the alphabet of a link;
- `udh`: the user data header and concatenation;
- `incoming`: octets to text, tolerantly;
- `errors`: all that is raised.
"""

from .cuts import MAX_SEGMENTS, ReferenceBits
from .errors import LoneSurrogate, MalformedUDH, NotInAlphabet, Offending, TextError, TooManySegments
from .incoming import decode
from .plan import Count, Encoding, EncodingChoice, TextPlan, analyse, count
from .segmentation import Alphabet, Rendering, Segment, render, segment
from .udh import Concat, InformationElement, concat_of, concat_udh, parse_udh, split_udh

__all__ = [
    "MAX_SEGMENTS",
    "Alphabet",
    "Concat",
    "Count",
    "Encoding",
    "EncodingChoice",
    "InformationElement",
    "LoneSurrogate",
    "MalformedUDH",
    "NotInAlphabet",
    "Offending",
    "ReferenceBits",
    "Rendering",
    "Segment",
    "TextError",
    "TextPlan",
    "TooManySegments",
    "analyse",
    "concat_of",
    "concat_udh",
    "count",
    "decode",
    "parse_udh",
    "render",
    "segment",
    "split_udh",
]
