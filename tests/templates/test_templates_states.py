"""The versions of a template, by any order of moves: compared with a model of the rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from onesixty.core.errors import Problem
from onesixty.templates import states
from tests.doors.office import Office
from tests.templates.test_templates_endpoints import PATH, made

MOVES = ("submit", "withdraw", "approve", "reject", "retire")
ACTIONS = (*MOVES, "change", "register", "delete")


def test_the_table_has_every_move_and_state() -> None:
    assert set(states.MOVES) == set(MOVES)
    for name, move in states.MOVES.items():
        for state in states.STATES:
            if state in move.before:
                assert states.after(name, state) == move.after
            else:
                with pytest.raises(Problem) as refused:
                    states.after(name, state)
                assert (refused.value.code, refused.value.extra) == ("template_state", {"state": state})


@dataclass
class Model:
    """What a template should be after what was done to it. `kept` are the texts of approved versions by number."""

    number: int = 1
    state: str = "draft"
    approved: int | None = None
    text: str = "0"
    kept: dict[int, str] = field(default_factory=dict)

    def takes(self, action: str, text: str) -> bool:
        """Do it if the rules allow it."""
        allowed = {
            "submit": self.state in ("draft", "retired"),
            "withdraw": self.state == "submitted",
            "approve": self.state == "submitted",
            "reject": self.state == "submitted",
            "retire": self.approved is not None,
            "change": self.state != "submitted",
            "register": True,
            "delete": not self.kept,
        }[action]
        if not allowed or action == "register":
            return allowed
        if action == "submit":
            self.number += self.state == "retired"
            self.state = "submitted"
        elif action in ("withdraw", "reject"):
            self.state = "draft"
        elif action == "approve":
            self.state, self.approved = "approved", self.number
            self.kept[self.number] = self.text
        elif action == "retire":
            self.state = "retired" if self.state == "approved" else self.state
            self.approved = None
        elif action == "change":
            self.number += self.state in ("approved", "retired")
            self.state, self.text = "draft", text
        return True


@pytest.mark.parametrize("seed", range(6))
async def test_any_order_of_moves_keeps_the_rules(seed: int, tmp_path: Path) -> None:
    office = await Office.open(data_dir=tmp_path)
    await office.route()
    client, random = office.client(), Random(seed)
    for round_ in range(6):
        row = await made(client, name=f"t{round_}", texts={"en": "0"}, variables={})
        path, model = f"{PATH}/{row['id']}", Model()
        for step in range(1, 16):
            action, text = random.choice(ACTIONS), str(step)
            match action:
                case "change":
                    reply = await client.patch(path, {"texts": {"en": text}})
                case "register":
                    registered = [{"country": "IN", "ids": {"template": text}}]
                    reply = await client.patch(path, {"registrations": registered})
                case "delete":
                    reply = await client.delete(path)
                case "approve":
                    reply = await client.post(f"{path}/decide", {"decision": "approve"})
                case "reject":
                    reply = await client.post(f"{path}/decide", {"decision": "reject", "reasons": ["No."]})
                case _:
                    reply = await client.post(f"{path}/{action}")
            if not model.takes(action, text):
                assert (reply.status, reply.json["code"]) == (409, "template_state"), (action, model)
                continue
            assert reply.status < 300, (action, model, reply.body)
            if action == "delete":
                break
            shown = (await client.get(path)).json
            assert (shown["number"], shown["state"], shown["approved"], shown["texts"]["en"]) == (
                model.number, model.state, model.approved, model.text,
            ), action  # fmt: skip
            versions = {one["number"]: one for one in (await client.get(f"{path}/versions")).json["data"]}
            assert {number: one["texts"]["en"] for number, one in versions.items()} == model.kept
            sent = [number for number, one in versions.items() if one["state"] == "approved"]
            assert sent == ([] if model.approved is None else [model.approved])
            reply = await client.post(
                "/v1/sms/preview", {"from": "Shop", "to": "+15551234567", "template": f"t{round_}"}
            )
            if model.approved is None:
                assert reply.json["code"] == "template_not_approved"
            else:
                assert (reply.json["template"]["version"], reply.json["text"]) == (
                    model.approved, model.kept[model.approved],
                )  # fmt: skip
    await office.close()
