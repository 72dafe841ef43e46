"""What the document says about the API as a whole: its groups of operations, names of schemas, and the requests that
onesixty makes.

Rules kept here:
- every tag has a sentence, and stands in the order in which the document shows its operations;
- a name of a schema says what it is of without its place. Structs have short names in their packages; `RENAMED` has
  those that would say too little among all others.
"""

from __future__ import annotations

from typing import Any, Final

#: The groups of operations, in the order of the document.
TAGS: Final[dict[str, str]] = {
    "messages": "Send messages, look for them, change and cancel them; what happened to each; what was refused.",
    "batches": "Many messages of one call, and how far they are.",
    "search": "One question for ids, numbers, references and names.",
    "verify": "Verifications: codes that are sent to numbers and addresses, and checked.",
    "webhooks": "The addresses that get events, and what became of each delivery.",
    "events": "Events as they happen, over a connection that stays open.",
    "templates": "Texts with variables, in many languages, in versions that are approved.",
    "lookup": "What the numbering plans say about a number.",
    "alerts": "What needs an operator, and the rules that find it.",
    "carriers": "The connections to networks, for operators.",
    "captures": "SMPP traffic in files, for operators.",
    "desk": "Pause, drain and probe carriers, and change many waiting messages, for operators.",
    "reports": "Figures by period, country, network, class and more, and reports on a schedule.",
    "routes": "Which carriers take which messages, for operators.",
    "numbers": "The numbers that accounts own, and the networks of ranges.",
    "sandbox": "Simulated handsets, fixed test numbers and scenarios: everything without a carrier.",
    "smpp": "The credentials and binds of SMPP customers.",
    "keys": "API keys, their rights and limits.",
    "accounts": "Accounts and accounts below them, their limits, money and retention.",
    "profiles": "Who stands behind an account: business profiles and their documents.",
    "audit": "Who changed what, when and from where.",
    "users": "The users of an account, their roles and their own profile.",
    "sign-in": "Sign in and out. These calls need no key.",
    "views": "Saved views: lists with their filters, under a name.",
    "installation": "The settings, nodes and checks of this installation, for operators.",
    "callbacks": "What HTTP providers call with delivery reports and incoming messages.",
    "operations": "Health, readiness and metrics. These calls need no key.",
}

#: Names of schemas that would be too short among all others.
RENAMED: Final[dict[str, str]] = {
    "Down": "ScenarioDown",
    "Up": "ScenarioUp",
    "Behave": "ScenarioBehave",
    "Restore": "ScenarioRestore",
    "Send": "ScenarioSend",
    "Behaviour": "SimulatedBehaviour",
    "Window": "RouteWindow",
    "Range": "NumberRange",
    "RangeView": "NumberRangeView",
    "RangeList": "NumberRangeList",
    "RangesBody": "NumberRangesBody",
    "RangesKept": "NumberRangesKept",
    "Span": "ReportSpan",
    "Schedule": "ReportSchedule",
    "Pending": "PendingReport",
    "PendingRow": "PendingReportRow",
    "Report": "MessageReport",
    "ReportRow": "MessageReportRow",
    "Rebuilding": "ReportRebuilding",
    "Amount": "MoneyAmount",
    "Limits": "SpendingLimits",
    "RuleView": "AlertRule",
    "RuleList": "AlertRuleList",
    "RuleChange": "AlertRuleChange",
    "DryRun": "BulkDryRun",
    "BulkBody": "BulkChangeBody",
    "FilterBody": "BulkFilterBody",
    "RerouteBody": "BulkRerouteBody",
    "TargetBody": "BulkTargetBody",
    "Rates": "CarrierRates",
    "CheckBody": "CarrierCheckBody",
    "Replay": "WebhookReplay",
    "Replayed": "WebhookReplayed",
    "TestResult": "WebhookTestResult",
    "Factors": "SignInFactors",
    "EmailBody": "EmailChangeBody",
    "ReasonBody": "PauseReasonBody",
    "DecisionBody": "ProfileDecisionBody",
    "Variable": "TemplateVariable",
    "Registration": "TemplateRegistration",
    "PreviewBody": "TemplatePreviewBody",
    "SampleView": "TextSample",
    "SpanView": "TextSpan",
    "CostlyView": "TextCostly",
}

#: The requests that webhooks and status callbacks get.
WEBHOOKS: Final[dict[str, Any]] = {
    "event": {
        "post": {
            "summary": "An event",
            "description": "Sent to the webhooks that list its type, and to the `status_callback` of its message. "
            "The headers are those of Standard Webhooks.",
            "operationId": "receive_event",
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Event"}}},
            },
            "responses": {
                "2XX": {"description": "Delivered. Any other response is tried again, except 410."},
                "410": {"description": "The webhook is disabled."},
            },
        }
    }
}
