"""The rules of `/v1/templates`: what a change does to the versions of a template.

Rules kept here:
- a change of what a template says changes its draft, or begins the next version after an approved one. What is sent
  stays the approved version until another one is approved;
- a version that was submitted does not change behind the back of who decides: withdraw it first;
- name and registrations are no part of a version, and may be changed at any time;
- an approval writes the version down for good, in the transaction that puts it in use.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec.structs import replace

from onesixty.core.contracts import Write
from onesixty.core.errors import Problem
from onesixty.core.tenant import Reach
from onesixty.store.contract import Store
from onesixty.store.rows import By, Rows
from onesixty.templates import states
from onesixty.templates.checks import check_name, check_ready, check_wording, language_of
from onesixty.templates.states import APPROVED, DRAFT, RETIRED, SUBMITTED, Decision
from onesixty.templates.tables import VERSIONS, WORDING, Template, Version

#: The templates that an account can have.
MOST: Final = 1000


class Templates:
    """The templates of all accounts, in the store."""

    def __init__(self, store: Store, rows: Rows[Template], versions: Rows[Version]) -> None:
        self._store = store
        self.rows = rows
        self.versions = versions

    async def made(self, row: Template) -> Template:
        """A new template, checked. Raises Problem."""
        ((count,),) = await self._store.fetch("templates_count", account_id=row.account_id)
        if count >= MOST:
            raise Problem("conflict", f"An account can have at most {MOST} templates. Delete one first.")
        _check(row)
        return row

    def changed(self, before: Template, after: Template, said: Mapping[str, Any]) -> Template:
        """A changed template, checked. `said` is what the caller names. Raises Problem."""
        if before.wording != after.wording:
            if before.state == SUBMITTED:
                raise states.refusal(
                    f"Version {before.number} is submitted. Withdraw it before you change what it says.",
                    before.state,
                )
            if before.state in (APPROVED, RETIRED):
                after = replace(
                    after, number=before.number + 1, state=DRAFT, submitted_at=None, decided_at=None
                )
            after = replace(after, reasons=())
        _check(after)
        return after

    async def submit(self, row: Template, by: By) -> Template:
        """Hand the newest version in. A retired one is handed in as the next version. Raises Problem."""
        state = states.after("submit", row.state)
        check_ready(row.wording)
        number = row.number + 1 if row.state == RETIRED else row.number
        after = replace(
            row, number=number, state=state, reasons=(), submitted_at=self.rows.now(), decided_at=None
        )
        return await self.rows.change(row, after, by=by)

    async def withdraw(self, row: Template, by: By) -> Template:
        """Take the submitted version back. Raises Problem."""
        after = replace(row, state=states.after("withdraw", row.state), submitted_at=None)
        return await self.rows.change(row, after, by=by)

    async def decide(self, row: Template, decision: Decision, reasons: Sequence[str], by: By) -> Template:
        """Approve or reject the submitted version. Raises Problem."""
        now = self.rows.now()
        after = replace(row, state=states.after(decision, row.state), reasons=tuple(reasons), decided_at=now)
        if decision == "reject":
            return await self.rows.change(row, after, by=by)
        after = replace(after, approved=row.number, live=row.wording)
        version = Version(
            id=self.versions.new_id(),
            template_id=row.id,
            account_id=row.account_id,
            number=row.number,
            state=APPROVED,
            created_at=now,
            **{name: getattr(row, name) for name in WORDING},
        )
        insert: Write = ("template_versions_insert", VERSIONS.values(version))
        return await self.rows.change(row, after, by=by, writes=[*self._retiring(row, now), insert])

    async def retire(self, row: Template, by: By) -> Template:
        """Take the approved version out of use. Raises Problem."""
        if row.approved is None:
            raise states.refusal("No version of the template is approved.", row.state)
        now = self.rows.now()
        state = states.after("retire", row.state) if row.state == APPROVED else row.state
        after = replace(row, state=state, approved=None, live=None)
        return await self.rows.change(row, after, by=by, writes=self._retiring(row, now))

    async def remove(self, row: Template, by: By) -> None:
        """Delete a template that never was in use. Raises Problem."""
        found, _ = await self.versions.page(1, None, Reach(row.account_id), template_id=row.id)
        if found:
            raise states.refusal(
                "A version of the template was approved, and messages keep it. Retire it instead.", row.state
            )
        await self.rows.remove(row, by=by)

    async def version(self, row: Template, number: int) -> Version:
        """One version of a template: an approved or retired one, or the newest. Raises Problem `not_found`."""
        found = await self._store.fetch("template_versions_numbered", template_id=row.id, number=number)
        if found:
            return await self.versions.get(str(found[0][0]), Reach(row.account_id))
        if number != row.number:
            raise Problem("not_found", "The template has no such version.")
        return newest(row)

    async def numbered(
        self, row: Template, limit: int, after: str | None
    ) -> tuple[Sequence[Version], str | None]:
        """A page of the versions that were approved, newest first."""
        return await self.versions.page(limit, after, Reach(row.account_id), template_id=row.id)

    @staticmethod
    def _retiring(row: Template, now: int) -> list[Write]:
        """The write that retires the approved version, if there is one."""
        return [] if row.approved is None else [("template_versions_retire", (row.id, row.approved, now))]


def newest(row: Template) -> Version:
    """The newest version of a template, which may still change."""
    return Version(
        id=row.id,
        template_id=row.id,
        account_id=row.account_id,
        number=row.number,
        state=row.state,
        created_at=row.created_at,
        **{name: getattr(row, name) for name in WORDING},
    )


def _check(row: Template) -> None:
    check_name(row.name)
    check_wording(row.wording)
    for place, one in enumerate(row.registrations):
        if one.language is not None:
            language_of(one.language, f"registrations[{place}].language", exactly=True)
