"""A node of the real message path with the doors of messages before it, for tests of what goes through both."""

from typing import Any

from onesixty.core.tenant import Tenant
from onesixty.doors.v1 import SEND_PATH, SendDoor, build_api
from onesixty.doors.v1.batch import BATCH_PATH, BatchDoor, batch_send_routes
from onesixty.doors.v1.batches import batch_routes
from onesixty.doors.v1.door import pages_door, v1_door
from onesixty.doors.v1.export import export_routes
from onesixty.doors.v1.messages import MessageActions, message_routes
from onesixty.doors.v1.preview import Foresight, preview_routes
from onesixty.http.auth import KeyRing
from onesixty.http.front import Front
from onesixty.http.idempotency import Idempotency
from onesixty.messages.batches import Batches
from onesixty.messages.edits import Edits
from onesixty.messages.queries import Filters
from tests.http.asgi import Client, Reply
from tests.http.world import LIVE, PUBLIC_URL, some_keys
from tests.support.message_path import Node
from tests.support.refusals import untraced


class Shop:
    """A node with its doors; `again` puts new doors before the same store, as after a restart."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.again()

    def again(self) -> None:
        node = self.node
        self.batches = Batches(
            store=node.store,  # type: ignore[arg-type]
            accept=node.intake.accept,
            cancel=node.control.cancel,
            clock=node.clock,
            new_id=node.ids.new,
        )
        keys = Idempotency(node.store, node.clock)  # type: ignore[arg-type]
        send, batch = (
            SendDoor(node.intake.accept, keys, PUBLIC_URL, untraced()),
            BatchDoor(self.batches, keys, PUBLIC_URL, untraced()),
        )
        self.edits = Edits(
            store=node.store,  # type: ignore[arg-type]
            recorder=node.recorder,
            owner=node.dispatcher,
            lanes=node.dispatcher,
            judge=node.intake.judge,
            clock=node.clock,
        )
        actions = MessageActions(
            get=node.queries.get,
            list=node.queries.find,
            history=node.queries.history,
            cancel=node.control.cancel,
            redact=node.control.redact,
            change=self.edits.change,
        )
        foresight = Foresight(node.intake.judge, node.router.explain, self.names, node.clock.now_ms)
        self.api = build_api(
            send=send,
            routers=[
                batch_send_routes(batch),
                batch_routes(self.batches),
                preview_routes(foresight, PUBLIC_URL),
                export_routes(node.queries.find, self.names),
                message_routes(actions, self.names),
            ],
            ready=lambda: True,
            metrics=lambda: b"",
            public_url=PUBLIC_URL,
            version="1.0",
        )
        v1 = v1_door(
            self.api,
            KeyRing(some_keys().find, node.clock),
            PUBLIC_URL,
            hot={("POST", SEND_PATH): send, ("POST", BATCH_PATH): batch},
            max_body=4096,
            larger={("POST", BATCH_PATH): 1_000_000},
        )
        self.front = Front((v1, pages_door(self.api, PUBLIC_URL)), clock=node.clock, ids=node.ids)

    async def post(self, body: Any, headers: dict[str, str] | None = None) -> Reply:
        return await Client(self.front, LIVE).post(BATCH_PATH, body, headers=headers or {})

    async def get(self, path: str, key: str = LIVE) -> Reply:
        return await Client(self.front, key).get(path)

    def client(self, key: str = LIVE) -> Client:
        return Client(self.front, key)

    async def names(self) -> dict[str, str]:
        return {"rte_default": "default", "car_a": "acme"}

    async def texts(self) -> list[str]:
        found, _ = await self.node.queries.find(Tenant("acc_1", False), Filters(), 100_000, None)
        return sorted(message.text for message in found)
