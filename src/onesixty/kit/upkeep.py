"""The cleanup of shared tables: idempotency keys are kept for a day, ended work for a while."""

from __future__ import annotations

from collections.abc import Sequence

from onesixty.core.contracts import Write
from onesixty.core.message import Message
from onesixty.kit.feature import Feature


class UpkeepFeature(Feature):
    """A feature without a service: `http.idempotency` uses the keys, `work.queue` the work."""

    cleaners = ("idempotency_expire", "work_ended_forget")
    bring_forward = ("work_bring_forward",)

    def scrub(self, message: Message) -> Sequence[Write]:
        """See Feature."""
        return [("idempotency_redact", (message.id,))]
