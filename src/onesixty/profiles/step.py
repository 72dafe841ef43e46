"""The step that keeps accounts without a verified profile to what the operator lets them send.

Rules kept here:
- it is asked only if the setting restricts them at all;
- what was accepted is sent: an account that is rejected later sends nothing new.
"""

from __future__ import annotations

from typing import Final

from onesixty.core.errors import Problem
from onesixty.core.orders import Fact
from onesixty.messages.drafts import EDIT, Draft, Moment, Step
from onesixty.profiles.standing import ALL, TEST, Standing

_FACTS: Final[frozenset[Fact]] = frozenset({"account", "test"})
_AT_EDITS: Final[frozenset[Moment]] = frozenset({EDIT})


class Verification(Step):
    """Refuses messages of unverified accounts: live ones, or all."""

    name = "verification"
    again = _AT_EDITS

    def __init__(self, standing: Standing) -> None:
        self._standing = standing

    def judge(self, draft: Draft) -> None:
        message = draft.message
        allowed = self._standing.may_send(message.account_id)
        if allowed == ALL or (allowed == TEST and message.test):
            return
        only = "only test messages" if allowed == TEST else "nothing"
        raise Problem("account_unverified", f"The account is not verified, and sends {only} until it is.")

    def depends_on(self) -> frozenset[Fact]:
        return _FACTS

    def version(self) -> object:
        return self._standing.version
