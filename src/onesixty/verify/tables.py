"""The tables of verify."""

from __future__ import annotations

from typing import Final

from onesixty.verify.profiles import VERIFY_PROFILES
from onesixty.verify.verification import VERIFICATIONS

TABLES: Final = (VERIFY_PROFILES, VERIFICATIONS)
