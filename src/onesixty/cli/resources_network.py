"""The resources of those who run the network: carriers, routes, numbers, accounts, alerts, pauses, jobs."""

from __future__ import annotations

from typing import Any, Final

from onesixty.cli.resource_verbs import (
    CLASSES,
    ENABLED,
    MODE,
    REASON,
    changed,
    created,
    got,
    listed,
    posted,
    removed,
    required,
)
from onesixty.cli.resources import FLAG, INT, MAP, NUMBER, TEXTS, Field, Resource, Verb


def _carriers(route: dict[str, Any]) -> str:
    return ", ".join(one if isinstance(one, str) else one["carrier"] for one in route["carriers"])


_CARRIER: Final = "The carrier's name or id."
CARRIER: Final = Resource(
    "carrier",
    "Links to carriers: list, change, check, pause.",
    (
        listed(
            "/v1/carriers",
            ("name", "name"),
            ("type", "type"),
            ("enabled", "enabled"),
            ("connected", "state.connected"),
            (
                "binds",
                lambda c: f"{c['state']['binds_bound']}/{c['state']['binds']}" if c.get("state") else "-",
            ),
            ("in flight", "state.in_flight"),
            ("paused", "paused"),
            ("last error", "state.last_error"),
            about="List carriers and how their links stand.",
        ),
        got("/v1/carriers/{id}", "a carrier, its settings (secrets covered) and its state", _CARRIER),
        created(
            "/v1/carriers",
            "a carrier",
            Field("name", "Letters, digits, dots, dashes, underscores.", required=True),
            Field("type", "smpp, simulator, http or a provider's profile.", required=True),
            Field("settings", "A setting of the connector; again for more.", MAP),
            ENABLED,
        ),
        changed(
            "/v1/carriers/{id}",
            "a carrier",
            _CARRIER,
            Field("name", "Another name."),
            Field("settings", "A setting of the connector; again for more.", MAP),
            ENABLED,
        ),
        removed("/v1/carriers/{id}", "a carrier that no route uses", _CARRIER),
        posted(
            "pause",
            "/v1/carriers/{id}/pause",
            "Stop sending over a carrier; its messages wait.",
            _CARRIER,
            REASON,
        ),
        posted(
            "drain",
            "/v1/carriers/{id}/drain",
            "Give a carrier nothing new; what it has goes out.",
            _CARRIER,
            REASON,
        ),
        posted("resume", "/v1/carriers/{id}/resume", "Let a paused or drained carrier go on.", _CARRIER),
        posted(
            "probe",
            "/v1/carriers/{id}/probe",
            "Send one real message over this carrier alone.",
            _CARRIER,
            Field("to", "Recipient, as +15551234567.", required=True),
            Field("from", "Sender.", required=True),
            Field("text", "Text of the message."),
        ),
    ),
)

_ROUTE: Final = "The route's name or id."
_ROUTE_FIELDS: Final = (
    Field("carriers", "A carrier by name or id, first choice first; again for more.", TEXTS),
    Field("match", 'What it takes, such as countries=["DE"]; again for more.', MAP),
    Field("priority", "Lower is asked first.", INT),
    ENABLED,
)
ROUTE: Final = Resource(
    "route",
    "Routes: which messages go over which carriers.",
    (
        listed(
            "/v1/routes",
            ("name", "name"),
            ("priority", "priority"),
            ("carriers", _carriers),
            ("match", "match"),
            ("enabled", "enabled"),
            about="List routes.",
        ),
        got("/v1/routes/{id}", "a route", _ROUTE),
        created(
            "/v1/routes",
            "a route",
            Field("name", "Its name.", required=True),
            *required(_ROUTE_FIELDS, "carriers"),
        ),
        changed("/v1/routes/{id}", "a route", _ROUTE, Field("name", "Another name."), *_ROUTE_FIELDS),
        removed("/v1/routes/{id}", "a route", _ROUTE),
        posted(
            "explain",
            "/v1/routes/explain",
            "Explain which route a message would take, and why.",
            "",
            Field("to", "Recipient, as +15551234567.", required=True),
            Field("from", "Sender.", required=True),
            Field("class", "What it is for.", choices=CLASSES),
            Field("tags", "A tag; again for more.", TEXTS),
            Field("route", "The route it would ask for."),
            Field("account", "Whose it would be."),
            Field("test", "Whether it would be test traffic.", FLAG),
        ),
    ),
)

_ACCOUNT: Final = "The account's id (acc_...)."
_ACCOUNT_FIELDS: Final = (
    Field("price_per_segment", "A decimal number."),
    Field("requests_per_second", "For each of its keys.", INT),
    Field("may_use_otp", "Whether it may send class otp.", FLAG),
)
ACCOUNT: Final = Resource(
    "account",
    "Accounts: list, make, change.",
    (
        listed(
            "/v1/accounts",
            ("id", "id"),
            ("name", "name"),
            ("price", lambda a: f"{a['price_per_segment']} {a['currency']}"),
            ("state", "state"),
            ("created", "created_at"),
            about="List accounts.",
        ),
        got("/v1/accounts/{id}", "an account", _ACCOUNT),
        Verb("show", "Show the account that the key belongs to.", "GET", "/v1/account"),
        created(
            "/v1/accounts",
            "an account; its first keys are shown this once",
            Field("name", "Its name.", required=True),
            Field("currency", "ISO 4217, such as EUR."),
            *required(_ACCOUNT_FIELDS, "price_per_segment"),
        ),
        changed(
            "/v1/accounts/{id}",
            "an account",
            _ACCOUNT,
            Field("name", "Another name."),
            Field("state", "A suspended account sends nothing new.", choices=("active", "suspended")),
            *_ACCOUNT_FIELDS,
        ),
    ),
)

_NUMBER: Final = "The number's id (num_...)."
_NUMBER_FIELDS: Final = (
    Field("account_id", "The account that has it."),
    Field("carrier", "Name or id of the carrier it is at."),
    Field("test", "Whether what comes in is test traffic.", FLAG),
    Field("keywords", "A first word of what is for this account; again for more.", TEXTS),
    Field("deliver_to", "Where what comes in goes to.", choices=("webhooks", "binds", "both")),
    Field("credential_id", "The SMPP credential whose binds get it."),
)
NUMBERS: Final = Resource(
    "number",
    "Numbers and short codes that messages come in to.",
    (
        listed(
            "/v1/numbers",
            ("id", "id"),
            ("number", "number"),
            ("account", "account_id"),
            ("carrier", "carrier"),
            MODE,
            ("keywords", "keywords"),
            ("goes to", "deliver_to"),
            about="List numbers.",
            filters=(Field("account_id", "Only of this account."),),
        ),
        got("/v1/numbers/{id}", "a number", _NUMBER),
        created(
            "/v1/numbers",
            "a number",
            Field("number", "The number or short code.", required=True),
            *_NUMBER_FIELDS,
        ),
        changed("/v1/numbers/{id}", "a number", _NUMBER, *_NUMBER_FIELDS),
        removed("/v1/numbers/{id}", "a number", _NUMBER),
    ),
)

_ALERT: Final = "The alert's id (alr_...)."
ALERT: Final = Resource(
    "alert",
    "Alerts: what fires, and the rules.",
    (
        listed(
            "/v1/alerts",
            ("id", "id"),
            ("status", "status"),
            ("severity", "severity"),
            ("rule", "rule"),
            ("subject", "subject"),
            ("summary", "summary"),
            ("since", "started_at"),
            about="List alerts, newest first.",
            filters=(Field("status", "Only of this status.", choices=("firing", "resolved")),),
        ),
        got("/v1/alerts/{id}", "an alert, and what to do first", _ALERT),
        posted("acknowledge", "/v1/alerts/{id}/acknowledge", "Say that somebody is at it.", _ALERT),
        Verb(
            "rules",
            "List the rules.",
            "GET",
            "/v1/alert-rules",
            columns=(
                ("name", "name"),
                ("severity", "severity"),
                ("enabled", "enabled"),
                ("threshold", "threshold"),
                ("for seconds", "for_seconds"),
                ("muted until", "muted_until"),
                ("about", "about"),
            ),
        ),
        Verb("rule", "Show a rule.", "GET", "/v1/alert-rules/{id}", id_help="The rule's name."),
        Verb(
            "change-rule",
            "Change a rule; what is not given stays.",
            "PATCH",
            "/v1/alert-rules/{id}",
            fields=(
                Field("enabled", "Whether it is looked at.", FLAG),
                Field("threshold", "From where on it fires.", NUMBER),
                Field("for_seconds", "How long it has to be so.", INT),
                Field("muted_until", "RFC 3339: raise nothing until then."),
            ),
            id_help="The rule's name.",
            body_file=True,
            clearable=True,
        ),
    ),
)

_PAUSE: Final = "The pause's id."
PAUSE: Final = Resource(
    "pause",
    "Pauses: carriers, binds, routes, accounts and senders that stand still.",
    (
        listed(
            "/v1/pauses",
            ("id", "id"),
            ("kind", "kind"),
            ("value", "value"),
            ("mode", "mode"),
            ("reason", "reason"),
            ("since", "created_at"),
            about="List what is paused or drained.",
            paged=False,
        ),
        created(
            "/v1/pauses",
            "a pause",
            Field(
                "kind",
                "What stands still.",
                choices=("carrier", "bind", "route", "account", "sender"),
                required=True,
            ),
            Field("value", "Which: a name, an id, a sender; for a bind carrier/bind.", required=True),
            Field("mode", "drain lets out what is there.", choices=("pause", "drain")),
            REASON,
        ),
        removed("/v1/pauses/{id}", "a pause: it goes on", _PAUSE),
    ),
)

_JOB: Final = "The job's id (job_...)."
JOB: Final = Resource(
    "job",
    "Jobs: bulk work on messages.",
    (
        listed(
            "/v1/jobs",
            ("id", "id"),
            ("kind", "kind"),
            ("status", "status"),
            ("total", "total"),
            ("counts", "counts"),
            ("created", "created_at"),
            about="List jobs, newest first.",
        ),
        got("/v1/jobs/{id}", "a job", _JOB),
        posted("stop", "/v1/jobs/{id}/stop", "Stop a job; what it has done stays.", _JOB),
    ),
)
