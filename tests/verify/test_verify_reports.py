"""Own codes that the caller checks: it reports what came of them, and guards and figures know."""

from __future__ import annotations

from typing import Any

from onesixty.verify import life
from onesixty.verify import verification as v
from onesixty.verify.records import ended_of
from tests.verify.conftest import PATH, Desk
from tests.verify.samples import AT, LIFE, verification

ON_TEST = "+15550100001"


def test_a_report_ends_a_verification_as_guards_count_it() -> None:
    sent = life.sending(verification(sealed_code="sealed"), AT, reason=v.ASKED)
    yes, no = (life.reported(sent, approved=said, now=AT + 1) for said in (True, False))
    ended = life.ended(sent, v.EXPIRED, AT + LIFE)
    assert [ended_of(one).status for one in (yes, no, ended)] == ["approved", "expired", "unreported"]
    assert [ended_of(one).wrong for one in (yes, no, ended)] == [0, 0, 0]
    assert (yes.approved_by, yes.checks, yes.reason) == (1, 0, "reported")
    one_wrong = life.checked(sent, False, False, AT).after
    assert ended_of(life.reported(one_wrong, approved=True, now=AT)).wrong == 1


async def report(desk: Desk, id_: str, outcome: str, status: int = 200) -> dict[str, Any]:
    reply = await desk.client().post(f"{PATH}/{id_}/report", {"outcome": outcome})
    assert reply.status == status, reply.body
    found: dict[str, Any] = reply.json
    return found


async def test_what_the_caller_reports_is_counted(desk_on_each_engine: Desk) -> None:
    desk = desk_on_each_engine
    heard: list[str] = []
    desk.store.subscribe("verify_mark_end", lambda rows: heard.extend(row[1] for row in rows))
    ids = [(await desk.start(f"+1555123456{n}", code="77AB12"))["id"] for n in range(4)]
    one = await report(desk, ids[0], "approved")
    assert (one["status"], one["reason"], one["own_code"]) == ("approved", "reported", True)
    assert (await report(desk, ids[0], "approved"))["ended_at"] == one["ended_at"], "twice is fine"
    refused = await report(desk, ids[0], "not_approved", 409)
    assert (refused["code"], refused["status"]) == ("verification_ended", 409)
    two = await report(desk, ids[1], "not_approved")
    assert (two["status"], two["reason"]) == ("expired", "reported")
    await report(desk, ids[1], "not_approved")
    assert (await report(desk, ids[1], "approved", 409))["code"] == "verification_ended"
    assert (await desk.check(ids[2], "77AB12")).json["outcome"] == "approved"
    await report(desk, ids[2], "approved")
    assert [event["type"] for event in desk.told("verification.approved", "verification.expired")] == [
        "verification.approved",
        "verification.expired",
        "verification.approved",
    ]
    await desk.turn(700)
    assert (await report(desk, ids[3], "approved", 409))["code"] == "verification_ended"
    await desk.sweep()
    await desk.sweep()
    (row,) = (await desk.client().get("/v1/reports/verifications")).json["data"]
    counted = {name: row[name] for name in ("started", "approved", "expired", "unreported", "wrong")}
    assert counted == {"started": 4, "approved": 2, "expired": 2, "unreported": 1, "wrong": 0}
    assert row["conversion"] == 0.6667
    assert heard == ["approved", "failed", "approved", "unreported"]


async def test_only_a_sent_code_of_the_caller_can_be_reported(desk: Desk) -> None:
    path = f"/v1/verify-profiles/{desk.profile['id']}"
    await desk.client().patch(path, {"test_numbers": [{"number": ON_TEST, "code": "123456"}]})
    derived, fixed = await desk.start(), await desk.start(ON_TEST)
    for one in (derived, fixed):
        assert (await report(desk, one["id"], "approved", 409))["code"] == "conflict"
    assert (await report(desk, "ver_01h455vb4pex5vsknk084sn02q", "approved", 404))["code"] == "not_found"
    assert (await report(desk, derived["id"], "maybe", 422))["param"] == "outcome"
