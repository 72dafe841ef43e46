"""The HTTP doors of a node: its API, which the features' endpoints form, and the servers."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import Final

from fastapi import APIRouter

from onesixty import __version__
from onesixty.accounts.acting import Acting
from onesixty.accounts.reach import messages_for
from onesixty.app.features import Features
from onesixty.console.door import Console, console_door
from onesixty.doors.v1 import SEND_PATH, SendDoor, build_api, build_monitoring
from onesixty.doors.v1.batch import BATCH_PATH, BatchDoor, batch_send_routes
from onesixty.doors.v1.batches import batch_routes
from onesixty.doors.v1.counts import count_routes
from onesixty.doors.v1.door import pages_door, v1_door
from onesixty.doors.v1.export import export_routes
from onesixty.doors.v1.filters import REPEATED as MESSAGES_REPEATED
from onesixty.doors.v1.messages import message_routes
from onesixty.doors.v1.preview import preview_routes
from onesixty.doors.v1.refusals import RefusedSends
from onesixty.doors.v1.replies import reply_routes
from onesixty.doors.v1.search import Search, search_routes
from onesixty.doors.v1.send import send_routes
from onesixty.http.auth import KeyRing
from onesixty.http.front import Front
from onesixty.http.networks import Proxies
from onesixty.http.openapi import Router
from onesixty.http.server import HttpServer, serve_http
from onesixty.kit.context import Context
from onesixty.ops.settings import parse_address
from onesixty.people.link_pages import PATHS as LINK_PATHS
from onesixty.people.link_pages import link_page
from onesixty.profiles.document_endpoints import PATH as DOCUMENTS_PATH
from onesixty.verify.endpoints import REPEATED as VERIFICATIONS_REPEATED

#: The order of paths in the API's document, by their prefixes; all other paths come last.
_SHOWN: Final = (
    "/v1/refusals",
    "/v1/sms",
    "/v1/verif",
    "/v1/webhooks",
    "/v1/events",
    "/v1/templates",
    "/v1/lookup",
    "/v1/alert",
    "/v1/carriers",
    "/v1/captures",
    "/v1/pauses",
    "/v1/messages",
    "/v1/reports",
    "/v1/routes",
    "/v1/number-ranges",
    "/v1/numbers",
    "/v1/sandbox",
    "/v1/smpp-credentials",
    "/v1/smpp-binds",
    "/v1/keys",
    "/v1/scopes",
    "/v1/accounts",
    "/v1/subaccounts",
    "/v1/profiles",
    "/v1/documents",
    "/v1/audit",
    "/v1/me",
    "/v1/users",
    "/v1/roles",
    "/v1/invitations",
    "/v1/saved-views",
    "/v1/sign-in",
    "/v1/doctor",
)


async def open_doors(node: Context, features: Features, ready: Callable[[], bool]) -> HttpServer:
    """Start the HTTP server. It accepts requests when this returns."""
    console = console_of(node)
    await console.load()
    address = node.settings.http_address
    return await serve_http(front_of(node, features, ready, console=console), address.host, address.port)


def console_of(node: Context) -> Console:
    """The console of a node, which serves nothing yet."""
    settings = node.settings
    return Console(
        settings.console,
        data_dir=settings.data_dir,
        prefix=settings.public_path,
        clock=node.clock,
        entropy=secrets.token_bytes,
        plain=dict.fromkeys(LINK_PATHS, link_page),
    )


def front_of(
    node: Context,
    features: Features,
    ready: Callable[[], bool],
    *,
    ring: KeyRing | None = None,
    console: Console | None = None,
) -> Front:
    """All HTTP doors, behind one front. `ring` are the keys in use, by default in a memory of its own."""
    if ring is None:
        ring = KeyRing(features.accounts.find_key, node.clock)
        features.accounts.on_key_change(ring.forget)
    settings = node.settings
    console = console or console_of(node)
    public_url = settings.effective_public_url
    refused = RefusedSends(features.refusals.trace, SEND_PATH)
    templates = features.templates.sending
    send = SendDoor(features.path.intake, node.idempotency, public_url, refused, templates)
    batch = BatchDoor(features.batches, node.idempotency, public_url, refused, templates)
    api = build_api(
        routers=_routers(node, features, send, batch, refused),
        ready=ready,
        metrics=None if settings.metrics_listen else node.observer.render,
        public_url=public_url,
        version=__version__,
    )
    open_people, open_callback = features.people.open_route, features.network.callbacks.open_route
    v1 = v1_door(
        api,
        ring,
        public_url,
        place=Acting(features.accounts, features.audit_log.visits.enter).place,
        other_callers=(features.people.callers,),
        # The front calls these directly, without FastAPI: `SendDoor` is in doors/v1/send.py.
        hot={("POST", SEND_PATH): send, ("POST", BATCH_PATH): batch, **features.verify.door.hot},
        together={("POST", SEND_PATH): send, **features.verify.door.together},
        max_body=settings.max_body_bytes,
        larger={
            ("POST", BATCH_PATH): settings.max_batch_bytes,
            ("POST", DOCUMENTS_PATH): settings.max_document_bytes,
        },
        raw=frozenset({("POST", DOCUMENTS_PATH)}),
        repeated={**MESSAGES_REPEATED, **VERIFICATIONS_REPEATED},
        find_open=lambda method, path: open_people(method, path) or open_callback(method, path),
        refused=refused.request,
    )
    pages = pages_door(api, public_url, max_body=settings.max_body_bytes, find_open=console.way_there)
    files = console_door(console, api, public_url)
    proxies = Proxies(settings.http_proxies) if settings.http_proxies else None
    return Front(
        (v1, files, pages),
        clock=node.clock,
        ids=node.ids,
        count=node.metrics.http.count,
        proxies=proxies,
        gate=features.limits.requests,
        share=None if features.limits.shared is None else features.limits.shared.share,
        prefix=settings.public_path,
    )


async def open_monitoring(node: Context, ready: Callable[[], bool]) -> HttpServer | None:
    """The server of `/metrics`, `/healthz` and `/readyz`, if the settings give it a separate address."""
    settings = node.settings
    if not settings.metrics_listen:
        return None
    public_url = settings.effective_public_url
    monitoring = build_monitoring(
        ready=ready, metrics=node.observer.render, public_url=public_url, version=__version__
    )
    front = Front((pages_door(monitoring, public_url),), clock=node.clock, ids=node.ids)
    address = parse_address(settings.metrics_listen)
    return await serve_http(front, address.host, address.port)


def _routers(
    node: Context, features: Features, send: SendDoor, batch: BatchDoor, refused: RefusedSends
) -> Sequence[APIRouter]:
    """All routers. Those of messages come first, because a longer path must come before one that
    takes its last part for an id."""
    path, configs, templates = features.path, features.configs, features.templates.sending
    public_url = node.settings.effective_public_url
    others = [
        preview_routes(path.intake, path.router, configs, public_url, templates, features.asked_ids),
        *(router for feature in features.all for router in feature.routers()),
    ]
    search = Search(
        path.queries,
        features.batches,
        features.refusals.refusals,
        features.audit_log.reading,
        configs.carrier_ids,
        [one for router in others if isinstance(router, Router) for one in router.resources],
    )
    reach_of = messages_for(features.accounts.book, features.audit_log.visits.look)
    return [
        send_routes(send),
        batch_send_routes(batch),
        reply_routes(path.queries, send, refused, templates),
        export_routes(path.queries, configs, node.channels, node.notes, reach_of),
        count_routes(path.queries, configs, node.clock, reach_of),
        message_routes(
            path.queries,
            features.histories,
            features.control,
            path.edits,
            configs,
            node.channels,
            node.notes,
            reach_of,
            templates,
        ),
        batch_routes(features.batches, features.accounts.book, node.notes),
        search_routes(search),
        *sorted(others, key=_shown),
    ]


def _shown(router: APIRouter) -> int:
    path = getattr(router.routes[0], "path", "")
    if "{id}" in path and path.startswith("/v1/carriers"):
        return len(_SHOWN)  # providers' callbacks come last
    return next((place for place, start in enumerate(_SHOWN) if path.startswith(start)), len(_SHOWN))
