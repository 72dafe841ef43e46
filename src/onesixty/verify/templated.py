"""The words of a verification from a template of its account.

Rules kept here:
- only the approved version of a template for one-time passwords is used, and what it is made from stays with the
  message, so that registrations follow;
- a template gets the values that it has variables for: `app`, `code`, `minutes`, and of what the verification is
  bound to `amount`, `payee`, `device`, `text`. It must have those of the binding, because a person has to see what
  the code is for;
- the places of the code are where two codes differ that differ everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from onesixty.core.errors import Problem
from onesixty.core.message import OTP
from onesixty.core.tenant import Tenant
from onesixty.templates.sending import Sending
from onesixty.verify.binding import BindTo
from onesixty.verify.texts import Texts, Values, Worded, Wording, masked

_CODE: Final = "code"


class TemplatedTexts:
    """Templates by name or id, and the words of onesixty for profiles without one."""

    def __init__(self, sending: Sending, ready: Texts) -> None:
        self._sending = sending
        self._ready = ready

    async def wording(
        self, tenant: Tenant, template: str | None, language: str | None, bound: BindTo | None
    ) -> Wording:
        """See Texts."""
        if template is None:
            return await self._ready.wording(tenant, None, language, bound)
        variables = self._sending.variables(tenant.account_id, template)
        code = variables.get(_CODE)
        if code is None or code.type != "code":
            raise Problem(
                "invalid_field", "The template needs a variable `code` of the type `code`.", param="template"
            )
        missing = [name for name in _said(bound) if name not in variables]
        if missing:
            named = ", ".join(f"`{name}`" for name in missing)
            raise Problem(
                "invalid_field",
                f"The template does not say what the verification is bound to: it needs {named}.",
                param="template",
            )
        return TemplateWording(self._sending, tenant.account_id, template, language)

    async def speaks(self, tenant: Tenant, template: str | None, language: str) -> bool:
        """See Texts."""
        if template is None:
            return await self._ready.speaks(tenant, None, language)
        return self._sending.speaks(tenant.account_id, template, language)

    def wordings(self, tenant: Tenant, template: str | None) -> Mapping[str, Wording]:
        """See Texts."""
        if template is None:
            return self._ready.wordings(tenant, None)
        return {
            language: TemplateWording(self._sending, tenant.account_id, template, language)
            for language in self._sending.languages(tenant.account_id, template)
        }


class TemplateWording:
    """A template in one language."""

    def __init__(self, sending: Sending, account_id: str, template: str, language: str | None) -> None:
        self._sending = sending
        self._account_id = account_id
        self._template = template
        self._language = language

    def worded(self, values: Values, length: int) -> Worded:
        """See Wording."""
        known = self._sending.variables(self._account_id, self._template)
        said: dict[str, Any] = {"app": values.application, "minutes": values.minutes, **_said(values.bound)}
        given = {name: value for name, value in said.items() if name in known}
        zeros, ones = (
            self._sending.worded(
                self._account_id, self._template, self._language, {**given, _CODE: digit * length}
            )
            for digit in "01"
        )
        if zeros.class_ != OTP:
            raise Problem(
                "invalid_field",
                f"The template is for {zeros.class_} messages, not for otp.",
                param="template",
            )
        text, at = masked(zeros.text, ones.text, length)
        if not at:
            raise Problem(
                "invalid_field", "The text of the template does not have the code.", param="template"
            )
        return Worded(text, at, zeros.made_from.language, zeros.made_from)


def _said(bound: BindTo | None) -> dict[str, Any]:
    """The values of a binding."""
    if bound is None:
        return {}
    if bound.amount is not None:
        return {"amount": {"amount": bound.amount, "currency": bound.currency}, "payee": bound.payee}
    return {"device": bound.device} if bound.device is not None else {"text": bound.text}
