"""`/v1/doctor`, `/v1/settings` and `/v1/nodes`, for operators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from onesixty import __version__
from onesixty.core import times
from onesixty.doctor import shown_settings
from onesixty.doctor.bodies import CheckResult, Diagnosis, NodeQuery, NodeView, SettingView
from onesixty.doctor.checks import Installation, Result, run_all, worst
from onesixty.doctor.nodes import STOPPED, NodeRow, Nodes
from onesixty.doctor.standard import CHECKS
from onesixty.http import openapi
from onesixty.http.answers import json_answer
from onesixty.http.auth import Requires
from onesixty.http.noting import noted
from onesixty.http.paging import page_answer
from onesixty.http.scopes import Principal
from onesixty.store.notes import Notes

SCOPE = "installation"
Operator = Annotated[Principal, Depends(Requires(SCOPE))]


def doctor_routes(installation: Callable[[], Installation], nodes: Nodes, notes: Notes) -> openapi.Router:
    """The routes. `installation` is what the checks look at."""
    router = openapi.Router("installation", "/v1")
    router.describe(lambda: openapi.of_struct(Diagnosis, pages=(SettingView, NodeView)))
    shown = openapi.answers(200, "Diagnosis", "What was found.")

    @router.get("/doctor", responses=shown)
    async def read_doctor(_: Operator) -> Response:
        """Check this installation, without the checks that cost.

        Checks that write to the disk or connect to others are `skipped`.
        """
        return json_answer(await diagnosis(installation(), costly=False))

    @router.post("/doctor", responses=shown)
    async def run_doctor(request: Request, caller: Operator) -> Response:
        """Check this installation, with every check.

        It writes a file to the data directory and removes it, and connects to the public URL and the mail server. No
        mail is sent.
        """
        found = await diagnosis(installation(), costly=True)
        await notes.record(noted(request, caller, "checked", "installation", details={"level": found.level}))
        return json_answer(found)

    @router.get("/settings", responses=openapi.answers(200, "SettingViewList", "All settings."))
    async def list_settings(_: Operator) -> Response:
        """List the settings of the node that answers, with their sources. Secrets are covered."""
        return json_answer(page_answer(shown_settings.shown(installation().settings), None))

    @router.get("/nodes", responses=openapi.answers(200, "NodeViewList", "A page of nodes."))
    async def list_nodes(_: Operator, query: Annotated[NodeQuery, Query()]) -> Response:
        """List nodes, newest start first.

        Each start of a node is listed, also those that have ended.
        """
        found, next_ = await nodes.page(query.limit, query.after)
        node = installation().node
        mine = None if node is None else node.lease
        return json_answer(page_answer([_node(one, mine) for one in found], next_))

    return router


async def diagnosis(installation: Installation, *, costly: bool) -> Diagnosis:
    """Run all checks. `costly` includes those that cost."""
    results = await run_all(CHECKS, installation, costly=costly)
    return Diagnosis(
        level=worst(results),
        checked_at=times.to_text(installation.clock.now_ms()),
        node=None if installation.node is None else installation.node.lease,
        version=__version__,
        checks=[_result(result) for result in results],
    )


def _result(result: Result) -> CheckResult:
    check, finding = result.check, result.finding
    return CheckResult(
        name=check.name,
        about=check.about,
        level=finding.level,
        code=finding.code,
        values=dict(finding.values),
        found=finding.found,
        remedy=finding.remedy,
        costs=check.costs,
        seconds=round(result.seconds, 3),
    )


def _node(node: NodeRow, mine: int | None) -> NodeView:
    return NodeView(
        lease=node.id,
        name=node.name,
        state=node.state,
        answers=node.id == mine,
        version=node.about.version or None,
        addresses=node.about.addresses,
        roles=node.about.roles,
        processes=node.about.processes,
        started_at=times.to_text(node.started_at),
        ended_at=times.text_or_none(node.ended_at),
        lease_seconds=None if node.state == STOPPED else round(node.left_ms / 1000, 1),
    )
