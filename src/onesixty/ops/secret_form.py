"""The form of an instance secret, for the setting and for the file. It loads nothing, for processes that read only
the file."""

from __future__ import annotations

import re
from typing import Final

#: One secret: printable ASCII without spaces and commas.
SECRET_FORM: Final = re.compile(r"[!-+\--~]{32,512}")
