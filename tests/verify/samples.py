"""Verifications for tests of pure parts."""

from __future__ import annotations

from typing import Any

from onesixty.verify import verification as v
from onesixty.verify.verification import Step, Verification, Way

AT = 1_800_000_000_000
LIFE = 600_000


def verification(**fields: Any) -> Verification:
    """A verification that was started and not sent yet."""
    known: dict[str, Any] = {
        "id": "ver_01h455vb4pex5vsknk084sn02q", "account_id": "acc_1", "test": False, "profile_id": "vpr_1",
        "recipient": "+15551234567", "channel": v.SMS, "status": v.PENDING, "subject": "subject",
        "seed": "00" * 16, "key_id": "", "alphabet": "digits", "length": 6, "plan": (Way(v.SMS, 90),),
        "life_ms": LIFE, "max_checks": 5, "max_sends": 5, "began_at": AT, "expires_at": AT + LIFE,
        "ends_at": AT + 3 * LIFE, "next_send_at": AT, "due_at": AT + LIFE, "steps": (Step(at=AT, what=v.STARTED),),
        "created_at": AT,
    }  # fmt: skip
    return Verification(**known | fields)
