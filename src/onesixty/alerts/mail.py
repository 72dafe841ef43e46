"""The text of the mail about an alert."""

from __future__ import annotations

from onesixty.alerts.watch import Alert, view
from onesixty.mail.mails import Mail


def mail_of(alert: Alert) -> Mail:
    """The mail that tells of an alert, raised or resolved."""
    shown = view(alert)
    word = "resolved" if alert.resolved_at is not None else alert.severity
    lines = [
        alert.summary,
        "",
        f"since     {shown['started_at']}",
        *([f"resolved  {shown['resolved_at']}"] if alert.resolved_at is not None else []),
        f"rule      {alert.rule}",
        f"alert     {alert.id}",
        "",
        shown["action"],
    ]
    return Mail(f"[onesixty] {word}: {alert.summary}", "\n".join(lines))
