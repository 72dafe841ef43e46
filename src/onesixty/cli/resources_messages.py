"""The resources of those who send: messages, batches, webhooks, SMPP credentials."""

from __future__ import annotations

from typing import Final

from onesixty.cli.resource_verbs import (
    CLASSES,
    MODE,
    changed,
    created,
    got,
    listed,
    posted,
    removed,
    required,
)
from onesixty.cli.resources import FLAG, INT, MAP, TEXTS, Field, Resource, Verb

_MESSAGE: Final = "The message's id (msg_...)."
_FILTER: Final = tuple(
    Field(name, about, inside="filter", choices=choices)
    for name, about, choices in (
        ("account", "Only of this account.", ()),
        ("status", "Only of this status.", ("scheduled", "queued", "held")),
        ("to", "Only to this number.", ()),
        ("from", "Only from this sender.", ()),
        ("created_after", "RFC 3339; this moment included.", ()),
        ("created_before", "RFC 3339; this moment excluded.", ()),
        ("tag", "Only with this tag.", ()),
        ("reference", "Only with this reference.", ()),
        ("batch_id", "Only of this batch (bat_...).", ()),
        ("carrier", "Only of this carrier.", ()),
        ("route", "Only of this route.", ()),
        ("country", "Only to this country (DE).", ()),
        ("error", "Only with this error.", ()),
        ("class", "Only of this class.", CLASSES),
    )
)
_DRY: Final = Field("dry_run", "Count them, and change nothing.", FLAG)
MESSAGE: Final = Resource(
    "message",
    "Messages: find, follow, change, cancel, redact.",
    (
        listed(
            "/v1/messages",
            ("id", "id"),
            ("created", "created_at"),
            ("status", "status"),
            ("from", "from"),
            ("to", "to"),
            ("segments", "segments"),
            ("error", "error.code"),
            about="List messages, newest first.",
            filters=(
                Field("status", "Only of this status."),
                Field("to", "Only to this number."),
                Field("from", "Only from this sender."),
                Field("created_after", "RFC 3339; this moment included."),
                Field("created_before", "RFC 3339; this moment excluded."),
                Field("tag", "Only with this tag."),
                Field("reference", "Only with this reference."),
                Field("batch_id", "Only of this batch (bat_...)."),
                Field("direction", "Sent or received.", choices=("outbound", "inbound")),
                Field("country", "Only to this country (DE)."),
                Field("class", "Only of this class.", choices=CLASSES),
                Field("error_code", "Only that ended with this error."),
            ),
        ),
        got("/v1/messages/{id}", "a message", _MESSAGE),
        Verb(
            "history",
            "Show how a message came to where it is.",
            "GET",
            "/v1/messages/{id}/history",
            id_help=_MESSAGE,
            columns=(
                ("at", "at"),
                ("what", "type"),
                ("status", "status"),
                ("attempt", "attempt"),
                ("segment", "segment"),
                ("route", lambda row: row.get("route") if row.get("carrier") else None),
                ("carrier", "carrier"),
                ("outcome", "outcome"),
                ("state", "state"),
                ("error", "error"),
            ),
            shared=("route",),
        ),
        changed(
            "/v1/messages/{id}",
            "a message that waits",
            _MESSAGE,
            Field("from", "Sender."),
            Field("text", "Text."),
            Field("scheduled_at", "RFC 3339. `--clear scheduled_at` sends it at once."),
            Field("valid_for", "Seconds in which it has to reach a carrier.", INT),
            Field("priority", "0 to 9.", INT),
            Field("class", "What it is for.", choices=CLASSES),
            Field("reference", "Your own id for it."),
            Field("tags", "A tag; again for more. They replace those it had.", TEXTS),
            Field("route", "The route it asks for."),
        ),
        posted("cancel", "/v1/messages/{id}/cancel", "Cancel a message that no carrier has taken.", _MESSAGE),
        posted(
            "redact",
            "/v1/messages/{id}/redact",
            "Take text and number out of a message at its end.",
            _MESSAGE,
        ),
        posted(
            "cancel-all",
            "/v1/messages/cancel",
            "Cancel all messages that pass a filter and that no carrier has taken.",
            "",
            *_FILTER,
            _DRY,
            needs=("filter",),
        ),
        posted(
            "requeue",
            "/v1/messages/requeue",
            "Send what is held, and try now what waits for its next try.",
            "",
            *_FILTER,
            _DRY,
            needs=("filter",),
        ),
        posted(
            "reroute",
            "/v1/messages/reroute",
            "Move what waits to another route or carrier.",
            "",
            *_FILTER,
            Field("to_route", "The route it goes to.", inside="to", api="route"),
            Field("to_carrier", "The carrier it goes to, past all routes.", inside="to", api="carrier"),
            _DRY,
            needs=("filter", "to"),
        ),
    ),
)

_BATCH: Final = "The batch's id (bat_...)."
BATCH: Final = Resource(
    "batch",
    "Batches of messages.",
    (
        listed(
            "/v1/batches",
            ("id", "id"),
            ("size", "size"),
            ("accepted", "accepted"),
            ("refused", "refused"),
            ("created", "created_at"),
            about="List batches, newest first.",
        ),
        got("/v1/batches/{id}", "a batch, its messages counted by status", _BATCH),
        posted("cancel", "/v1/batches/{id}/cancel", "Cancel what no carrier has taken of a batch.", _BATCH),
    ),
)

REFUSAL: Final = Resource(
    "refusal",
    "What was refused lately, and why.",
    (
        listed(
            "/v1/refusals",
            ("created", "created_at"),
            ("door", "door"),
            ("answer", "answer"),
            ("code", "code"),
            ("param", "param"),
            ("rule", "rule"),
            ("from", "from"),
            ("to", "to"),
            ("count", "count"),
            ("request", "request_id"),
            ("detail", "detail"),
            about="List refused sends, batches, SMPP submissions and binds, newest first.",
            filters=(
                Field("to", "Only to this number."),
                Field("code", "Only with this error."),
                Field("door", "Only what came in over this door (v1, smpp)."),
                Field("request_id", "Only of this request."),
                Field("account_id", "Of this account; needs the scope `accounts`."),
                Field("mode", "Live or test traffic.", choices=("live", "test")),
                Field("created_after", "RFC 3339; this moment included."),
                Field("created_before", "RFC 3339; this moment excluded."),
            ),
        ),
    ),
)

_WEBHOOK: Final = "The webhook's id (whk_...)."
_WEBHOOK_FIELDS: Final = (
    Field("events", "An event type, or * for all; again for more.", TEXTS),
    Field("description", "For your own use."),
)
WEBHOOK: Final = Resource(
    "webhook",
    "Webhooks: where events go, what was delivered, again.",
    (
        listed(
            "/v1/webhooks",
            ("id", "id"),
            ("url", "url"),
            ("events", "events"),
            MODE,
            ("enabled", "enabled"),
            ("failing since", "failing_since"),
            ("paused", "paused_at"),
            about="List webhooks.",
        ),
        got("/v1/webhooks/{id}", "a webhook", _WEBHOOK),
        created(
            "/v1/webhooks",
            "a webhook; its secret is shown this once",
            Field("target", "The URL: https or http; no user name.", required=True, api="url"),
            *required(_WEBHOOK_FIELDS, "events"),
        ),
        changed(
            "/v1/webhooks/{id}",
            "a webhook",
            _WEBHOOK,
            Field("target", "The URL: https or http; no user name.", api="url"),
            *_WEBHOOK_FIELDS,
            Field("enabled", "true also ends a pause.", FLAG),
        ),
        removed("/v1/webhooks/{id}", "a webhook", _WEBHOOK),
        posted("test", "/v1/webhooks/{id}/test", "Send a webhook an event of type webhook.test.", _WEBHOOK),
        posted(
            "rotate", "/v1/webhooks/{id}/rotate", "Give a webhook a new secret, shown this once.", _WEBHOOK
        ),
        posted(
            "replay",
            "/v1/webhooks/{id}/replay",
            "Deliver events once more.",
            _WEBHOOK,
            Field("event_ids", "An event (evt_...); again for more.", TEXTS),
            Field("since", "RFC 3339; events from then on."),
            Field("until", "RFC 3339; events before that."),
            Field("failed_only", "Only events that never reached it.", FLAG),
        ),
        Verb(
            "deliveries",
            "List what went to a webhook, newest first.",
            "GET",
            "/v1/webhooks/{id}/deliveries",
            fields=(Field("status", "Only of this status.", choices=("pending", "delivered", "failed")),),
            columns=(
                ("event", "event_id"),
                ("type", "type"),
                ("status", "status"),
                ("attempts", "attempts"),
                ("answer", "response_status"),
                ("error", "error"),
                ("next attempt", "next_attempt_at"),
            ),
            paged=True,
            id_help=_WEBHOOK,
        ),
    ),
)

_CREDENTIAL: Final = "The credential's id (smpp_...)."
CREDENTIAL: Final = Resource(
    "credential",
    "SMPP credentials: what customers bind with, and who is bound.",
    (
        listed(
            "/v1/smpp-credentials",
            ("id", "id"),
            ("system_id", "system_id"),
            ("mode", "mode"),
            ("created", "created_at"),
            ("revoked", "revoked_at"),
            about="List SMPP credentials.",
        ),
        got("/v1/smpp-credentials/{id}", "a credential and its profile", _CREDENTIAL),
        created(
            "/v1/smpp-credentials",
            "a credential; its password is shown this once",
            Field("system_id", "What the customer binds as.", required=True),
            Field("password", "8 to 64 printable ASCII characters. Default: one is made."),
            Field("test", "Whether it sends nothing real.", FLAG),
            Field("profile", "How this customer is spoken to; again for more.", MAP),
        ),
        changed(
            "/v1/smpp-credentials/{id}",
            "a credential's profile",
            _CREDENTIAL,
            Field("profile", "How this customer is spoken to; again for more.", MAP),
        ),
        removed("/v1/smpp-credentials/{id}", "a credential and end its binds", _CREDENTIAL),
        posted(
            "password",
            "/v1/smpp-credentials/{id}/password",
            "Give a credential a new password, shown this once.",
            _CREDENTIAL,
            Field("password", "8 to 64 printable ASCII characters. Default: one is made."),
        ),
        Verb(
            "binds",
            "List who is bound now.",
            "GET",
            "/v1/smpp-binds",
            columns=(
                ("id", "id"),
                ("system_id", "system_id"),
                ("kind", "kind"),
                ("mode", "mode"),
                ("address", "address"),
                ("since", "since"),
            ),
        ),
        Verb(
            "unbind", "End a bind.", "DELETE", "/v1/smpp-binds/{id}", id_help="The bind's id.", done="ended"
        ),
    ),
)
