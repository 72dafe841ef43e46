"""The doors of a node: its HTTP API, put together from the routes of the features, and the server."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, cast

from fastapi import APIRouter

from onesixty import __version__
from onesixty.accounts.endpoints import account_routes, key_routes
from onesixty.alerts.endpoints import alert_routes
from onesixty.captures.endpoints import capture_routes
from onesixty.carriers import registry
from onesixty.core.contracts import CarrierConfig
from onesixty.core.message import INBOUND, Message, from_row
from onesixty.customers.bind_endpoints import smpp_bind_routes
from onesixty.customers.credential_endpoints import smpp_credential_routes
from onesixty.customers.message_ids import DECIMAL, HEX, SHORT, TYPEID, smpp_id
from onesixty.doors.v1 import SEND_PATH, SendDoor, build_api, build_monitoring
from onesixty.doors.v1.batch import BATCH_PATH, BatchDoor, batch_send_routes
from onesixty.doors.v1.batches import batch_routes
from onesixty.doors.v1.export import export_routes
from onesixty.doors.v1.messages import MessageActions, message_routes
from onesixty.doors.v1.preview import Foresight, preview_routes
from onesixty.doors.v1.refusals import RefusedSends
from onesixty.doors.v1.replies import reply_routes
from onesixty.http.auth import KeyRing
from onesixty.http.call import AsgiApp
from onesixty.http.front import Front
from onesixty.http.idempotency import Idempotency
from onesixty.http.server import HttpServer, serve_http
from onesixty.inventory.endpoints import Surroundings, number_routes
from onesixty.jobs.endpoints import job_routes
from onesixty.network.callback_endpoints import CallbackDoor, callback_routes
from onesixty.network.carrier_endpoints import Connectors, carrier_routes
from onesixty.network.route_endpoints import Deciding, route_routes
from onesixty.ops.settings import parse_address
from onesixty.pauses.endpoints import NetworkDesk, desk_routes
from onesixty.pauses.probes import Probes
from onesixty.ranges.endpoints import network_routes
from onesixty.ranges.lookup_endpoints import lookup_routes
from onesixty.refusals.endpoints import refusal_routes
from onesixty.sandbox.endpoints import Desk, sandbox_routes
from onesixty.simulator.handsets import Owner
from onesixty.webhooks.deliveries import Deliveries
from onesixty.webhooks.endpoints import webhook_routes
from onesixty.webhooks.feed_endpoints import feed_routes
from onesixty.webhooks.service import Webhooks

if TYPE_CHECKING:
    from onesixty.app.platform import Platform


async def open_doors(node: Platform) -> HttpServer:
    """Open them: the server listens when this returns."""
    settings = node.settings
    ring = KeyRing(node.accounts.find_key, node.clock)
    node.accounts.on_key_change(ring.forget)
    public_url = settings.effective_public_url
    idempotency = Idempotency(node.store, node.clock)
    refused = RefusedSends(node.refused, SEND_PATH)
    send = SendDoor(node.intake.accept, idempotency, public_url, refused)
    batch = BatchDoor(node.batches, idempotency, public_url, refused)
    callbacks = CallbackDoor(node.links.called, public_url)
    api = build_api(
        send=send,
        routers=[
            batch_send_routes(batch),
            reply_routes(node.queries.get, send, refused),
            *_routers(node, idempotency),
            callback_routes(callbacks),
        ],
        ready=node.ready,
        metrics=None if settings.metrics_listen else node.observers.render,
        public_url=public_url,
        version=__version__,
    )
    front = Front(
        cast("AsgiApp", api),
        ring=ring,
        clock=node.clock,
        ids=node.ids,
        hot={("POST", SEND_PATH): send, ("POST", BATCH_PATH): batch},
        public_url=public_url,
        max_body=settings.max_body_bytes,
        larger={("POST", BATCH_PATH): settings.max_batch_bytes},
        count=node.metrics.http.count,
        find_open=callbacks.open_route,
        refused=refused.request,
    )
    return await serve_http(front, settings.http_address.host, settings.http_address.port)


async def open_monitoring(node: Platform) -> HttpServer | None:
    """The server of `/metrics`, `/healthz` and `/readyz`, where they have an address of their own."""
    settings = node.settings
    if not settings.metrics_listen:
        return None
    public_url = settings.effective_public_url
    monitoring = build_monitoring(
        ready=node.ready, metrics=node.observers.render, public_url=public_url, version=__version__
    )
    front = Front(
        cast("AsgiApp", monitoring),
        ring=KeyRing(node.accounts.find_key, node.clock),
        clock=node.clock,
        ids=node.ids,
        hot={},
        public_url=public_url,
    )
    address = parse_address(settings.metrics_listen)
    return await serve_http(front, address.host, address.port)


def _routers(node: Platform, idempotency: Idempotency) -> list[APIRouter]:
    webhooks = Webhooks(
        node.store,
        node.endpoints,
        clock=node.clock,
        id_source=node.ids,
        entropy=secrets.token_bytes,
        allow_private=node.settings.webhook_allow_private,
    )
    deliveries = Deliveries(
        node.store,
        node.poster,
        clock=node.clock,
        id_source=node.ids,
        kept_days=node.settings.retention_events_days,
    )
    actions = MessageActions(
        get=node.queries.get,
        list=node.queries.find,
        history=node.queries.history,
        cancel=node.control.cancel,
        redact=_redact_of(node),
        change=node.edits.change,
    )
    foresight = Foresight(node.intake.judge, node.router.explain, node.links.configs.names, node.clock.now_ms)
    connectors = Connectors(
        registry.validate,
        registry.public,
        registry.check_secrets,
        node.links.state,
        node.links.standing.mode,
        node.links.refuse_home,
    )
    desk = NetworkDesk(
        node.links.standing.pauses,
        Probes(node.intake.accept, node.store),
        lambda account_id: account_id in node.accounts.book,
    )
    return [
        export_routes(node.queries.find, node.links.configs.names),
        message_routes(actions, node.links.configs.names),
        batch_routes(node.batches),
        refusal_routes(node.refusals, node.accounts.book),
        preview_routes(foresight, node.settings.effective_public_url),
        webhook_routes(webhooks, deliveries, idempotency),
        feed_routes(node.feed),
        lookup_routes(node.networks.of),
        alert_routes(node.alerting.service),
        carrier_routes(node.links.configs, connectors, idempotency),
        capture_routes(node.captures, _CaptureSubjects(node)),
        desk_routes(node.links.configs, desk),
        job_routes(node.links.configs, node.jobs),
        route_routes(
            node.links.configs,
            Deciding(node.router.explain, node.ids.new, node.clock.now_ms),
            idempotency,
        ),
        network_routes(node.networks),
        number_routes(node.own_numbers, _surroundings(node), idempotency),
        sandbox_routes(Desk(node.sandbox, node.stage, node.links.name)),
        smpp_credential_routes(
            node.smpp_credentials,
            node.own_numbers.given_to,
            node.accounts.book,
            idempotency,
        ),
        smpp_bind_routes(node.binds),
        key_routes(node.accounts, idempotency),
        account_routes(node.accounts, idempotency),
    ]


def _redact_of(node: Platform) -> Callable[[str, bool, str], Awaitable[Message]]:
    """Redaction of the rows and of what lies beside them: captures, and the handset that sent a message."""

    async def redact(account_id: str, test: bool, message_id: str) -> Message:
        before = await node.queries.get(account_id, test, message_id)
        redacted = await node.control.redact(account_id, test, message_id)
        if before is None:
            return redacted
        number = before.recipient
        if before.direction == INBOUND:
            number = before.sender
            node.sandbox.handsets.forget_sent(Owner(account_id, test), number, before.recipient)
        # replace_sm holds the text and, of what it is about, the id alone
        await node.captures.redact(
            number, [smpp_id(message_id, form) for form in (HEX, DECIMAL, TYPEID, SHORT)]
        )
        return redacted

    return redact


class _CaptureSubjects:
    """How captures find what they are of."""

    def __init__(self, node: Platform) -> None:
        self._node = node

    async def carrier(self, id_or_name: str) -> CarrierConfig | None:
        return await self._node.links.configs.carrier(id_or_name)

    def binds(self, carrier_id: str) -> Sequence[str] | None:
        return next((one.bind_names for id_, one in self._node.links.tappable() if id_ == carrier_id), None)

    def is_credential(self, id_: str) -> bool:
        return id_ in self._node.smpp_credentials.book

    async def message(self, id_: str) -> Message | None:
        rows = await self._node.store.fetch("messages_by_id", ids=[id_])
        return from_row(rows[0]) if rows else None


def _surroundings(node: Platform) -> Surroundings:
    """What the routes of numbers ask of the rest."""

    async def carrier_id(name_or_id: str) -> str | None:
        config = await node.links.configs.carrier(name_or_id)
        return None if config is None else config.id

    def has_credential(credential_id: str, account_id: str, test: bool) -> bool:
        known = node.smpp_credentials.book.get(credential_id)
        return known is not None and (known.account_id, known.test, known.revoked_at) == (
            account_id,
            test,
            None,
        )

    return Surroundings(carrier_id, node.links.name, node.accounts.book.__contains__, has_credential)
