"""The public contract of extensions: all that an installed package imports of onesixty.

An extension is a Python package with an entry point in one of three groups, which leads to one value:

- `onesixty.steps`: a `StepExtension`, a rule that judges every message;
- `onesixty.connectors`: a `ConnectorExtension`, a type of carriers;
- `onesixty.sinks`: a `SinkExtension`, which gets events.

`onesixty extension new` writes a package to start from. docs/reference/extensions.md explains each name. The names in
`__all__`, here and in `testing`, stay for as long as `API_VERSION` does. Everything else of onesixty may change with
any release.

The machinery, in the order in which one reads it:

- `contract`: what a package declares, and what it is given;
- `loading`: finds, checks and loads what is installed;
- `placing`: the order of steps;
- `watched`: a step as the node runs it, measured and contained;
- `deliveries`: events on their way to sinks;
- `testing`: helpers for the tests of extensions, public as well;
- `feature`: all of it as a feature of a node.
"""

from __future__ import annotations

from onesixty.carriers.host_turn import HostTurn
from onesixty.carriers.registry import Seams
from onesixty.carriers.settings import invalid
from onesixty.channels.sms.rendering import Segments, render_message
from onesixty.core.contracts import (
    Acknowledge,
    CallbackAnswer,
    CallbackRequest,
    Callbacks,
    Carrier,
    CarrierHost,
    CarrierReceipt,
    CarrierState,
    Checkable,
    Finding,
    InboundMessage,
    Net,
    ReadsErrors,
    Refusal,
    Rendered,
    Submission,
)
from onesixty.core.errors import Problem
from onesixty.core.hop import Hop
from onesixty.core.message import Message
from onesixty.core.outcomes import Outcome
from onesixty.extensions.contract import (
    API_VERSION,
    Again,
    ConnectorExtension,
    Event,
    GiveUp,
    Host,
    NoSettings,
    Sink,
    SinkExtension,
    SinkSettings,
    Step,
    StepExtension,
)
from onesixty.messages.drafts import CARRIER, EDIT, RELEASE, SEND, Draft, Moment

__all__ = [  # noqa: RUF022  (by what they are for)
    # of every extension
    "API_VERSION",
    "Host",
    "NoSettings",
    # of steps
    "CARRIER",
    "Draft",
    "EDIT",
    "Hop",
    "Message",
    "Moment",
    "Problem",
    "RELEASE",
    "SEND",
    "Step",
    "StepExtension",
    # of connectors
    "Acknowledge",
    "CallbackAnswer",
    "CallbackRequest",
    "Callbacks",
    "Carrier",
    "CarrierHost",
    "CarrierReceipt",
    "CarrierState",
    "Checkable",
    "ConnectorExtension",
    "Finding",
    "HostTurn",
    "InboundMessage",
    "Net",
    "Outcome",
    "ReadsErrors",
    "Refusal",
    "Rendered",
    "Seams",
    "Segments",
    "Submission",
    "invalid",
    "render_message",
    # of sinks
    "Again",
    "Event",
    "GiveUp",
    "Sink",
    "SinkExtension",
    "SinkSettings",
]
