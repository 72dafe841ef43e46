"""The mails about people, and the links in them.

A link ends in a fragment (`#token`), which browsers keep to themselves: no log and no referrer has it.
"""

from __future__ import annotations

from typing import Final

from onesixty.mail.mails import Mail

SETUP: Final = "/console/setup"
INVITATION: Final = "/console/invitation"
RESET: Final = "/console/reset"
EMAIL: Final = "/console/email"


class Letters:
    """Writes links and mails of one site."""

    def __init__(self, public_url: str) -> None:
        self._url = public_url

    def link(self, page: str, token: str) -> str:
        """The link to a page with a token."""
        return f"{self._url}{page}#{token}"

    def invitation(self, account: str, role: str, link: str) -> Mail:
        """The mail with an invitation."""
        return Mail(
            f"[onesixty] You are invited to {account}",
            f"You are invited to {account} as {role}.\n\n{link}\n\n"
            "The link counts once, and ends after 72 hours. If you did not expect it, do nothing.\n",
        )

    def reset(self, link: str) -> Mail:
        """The mail with a link for a new password."""
        return Mail(
            "[onesixty] Set a new password",
            f"By this link you set a new password:\n\n{link}\n\n"
            "It counts once, and ends after 72 hours. If you did not ask for it, do nothing: your password stays.\n",
        )

    def password_changed(self) -> Mail:
        """The mail after a password was changed."""
        return Mail(
            "[onesixty] Your password was changed",
            "Your password was changed, and your other sessions were ended.\n\n"
            "If that was not you, ask an administrator for a reset at once.\n",
        )

    def recovery_used(self, left: int) -> Mail:
        """The mail after a recovery code was used."""
        return Mail(
            "[onesixty] A recovery code was used",
            f"Somebody signed in with your password and a recovery code. {left} codes are left.\n\n"
            "If that was not you, ask an administrator for a reset at once.\n",
        )

    def new_email(self, link: str) -> Mail:
        """The mail to a new address of a user."""
        return Mail(
            "[onesixty] Confirm your new address",
            f"By this link, this becomes your address at onesixty:\n\n{link}\n\n"
            "It counts once, and ends after 24 hours. If you did not ask for it, do nothing.\n",
        )

    def email_taken(self) -> Mail:
        """The mail to an address that a user asked for and that is another user's."""
        return Mail(
            "[onesixty] Somebody asked for your address",
            "A user of onesixty asked to change their address to this one. It is yours, so nothing was changed.\n",
        )

    def email_changed(self) -> Mail:
        """The mail to the old address after it was changed."""
        return Mail(
            "[onesixty] Your address was changed",
            "This is no longer your address at onesixty.\n\n"
            "If that was not you, ask an administrator for help at once.\n",
        )
