"""A carrier over HTTP and a provider at its far end, on loopback, that behaves as the simulator's networks do."""

import asyncio
import contextlib
import json
import random
from typing import Any

from aiohttp import web

from onesixty.carriers.http.carrier import HttpCarrier
from onesixty.carriers.http.settings import Answers, HttpSettings, Receipts
from onesixty.core import outcomes
from onesixty.core.clock import SystemClock
from onesixty.core.contracts import CallbackRequest
from onesixty.core.errors import Problem
from onesixty.simulator.behaviour import Behaviour, Network
from tests.carriers.conformance import Host, until
from tests.support.waiting import free_port

FAST = {"latency_ms": 5, "latency_jitter_ms": 3, "receipt_delay_ms": 15, "receipt_jitter_ms": 5}
QUICK = {"reconnect_min_s": 0.02, "reconnect_max_s": 0.05}
WORDS = {1: "ENROUTE", 2: "DELIVRD", 3: "EXPIRED", 5: "UNDELIV"}
CODES = ("recipient_refused", "sender_refused", "message_refused", "carrier_refused")

_BEHAVIOUR = set(Behaviour.__struct_fields__)


class Provider:
    """Takes JSON at /send, and calls back by way of `call`."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.port = free_port()
        self.got: list[dict[str, Any]] = []
        self._network = Network(behaviour, random.Random(2), asyncio.get_running_loop().time)
        self._ids = 0
        self._runner: web.AppRunner | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.carrier: HttpCarrier

    async def start(self) -> None:
        self._closing = asyncio.Event()
        app = web.Application()
        app.router.add_post("/send", self._send)
        self._runner = web.AppRunner(app, shutdown_timeout=0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()

    async def stop(self) -> None:
        if self._runner is not None:
            server = self._runner.server
            for connection in list(server.connections if server else ()):
                connection.force_close()
            self._closing.set()
            await self._runner.cleanup()
            self._runner = None

    async def end(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await self.stop()

    async def _send(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.got.append(body)
        fate = self._network.draw()
        self._ids += 1
        id_ = f"m-{self._ids}"
        for plan in fate.receipts:
            task = asyncio.create_task(self._report(plan.delay, id_, plan.state, body))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        latency = None if fate.kind == outcomes.UNKNOWN else fate.latency
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._closing.wait(), latency)
        if fate.kind == outcomes.THROTTLED:
            return web.json_response({}, status=429)
        if fate.kind != outcomes.ACCEPTED:
            return web.json_response({"error": {"code": fate.code}}, status=400)
        return web.json_response({"id": id_}, status=201)

    async def _report(self, delay: float, id_: str, state: int, body: dict[str, Any]) -> None:
        await asyncio.sleep(delay)
        report = {"id": id_, "status": WORDS[state], "to": body["to"], "from": body["from"]}
        if state == 5:
            report["error"] = "001"
        while True:
            try:
                await self.carrier.called(call(report))
            except Problem:
                await asyncio.sleep(0.03)
            else:
                return


def call(document: Any, kind: str = "receipts", **changes: Any) -> CallbackRequest:
    """A provider's POST of JSON."""
    values: dict[str, Any] = {
        "kind": kind,
        "method": "POST",
        "url": f"https://sms.example.net/v1/carriers/car_http/{kind}/tok",
        "query": "",
        "headers": {"content-type": "application/json"},
        "body": json.dumps(document).encode(),
        "token": "tok",
    }
    return CallbackRequest(**(values | changes))


class HttpRig:
    """`settings` go to the carrier, behaviour to the provider."""

    def __init__(self, window: int = 10, **settings: Any) -> None:
        far = FAST | {key: settings.pop(key) for key in list(settings) if key in _BEHAVIOUR}
        self.provider = Provider(Behaviour(**far))
        self.host = Host()
        self.window = window
        values: dict[str, Any] = QUICK | {
            "url": f"http://127.0.0.1:{self.provider.port}/send",
            "fields": {"to": "{to}", "from": "{from}", "text": "{text}"},
            "answer": Answers(id="id", code=["error.code"], codes={code: code for code in CODES}),
            "receipts": Receipts(to="to", sender="from", code="error"),
            "callback_token": "tok",
        }
        self.carrier = HttpCarrier(
            "car_http",
            HttpSettings(**(values | settings), window=window),
            clock=SystemClock(),
            random=random.Random(1),
            public_url="https://sms.example.net",
        )
        self.provider.carrier = self.carrier

    async def start(self) -> None:
        await self.carrier.start(self.host)
        await until(lambda: self.carrier.capacity() == self.window, "the provider")

    async def cut(self) -> None:
        await self.provider.stop()

    async def mend(self) -> None:
        await self.provider.start()

    async def end(self) -> None:
        await self.carrier.stop(0.2)
        await self.provider.end()


async def make_rig(**settings: Any) -> HttpRig:
    """A rig whose provider listens, to be ended by who made it."""
    rig = HttpRig(**settings)
    await rig.provider.start()
    return rig
