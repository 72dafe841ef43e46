"""Ready profiles: a provider as data. `type = "twilio"` and a few settings of its own make an HTTP carrier.

A profile is a module with `Settings`, the `SECRETS` among them, and `expand`, which gives the `HttpSettings` that
speak the provider's API: request, answers, receipts, inbound, signature and error codes. Where each fact comes
from stands in the module's docstring. A further provider is a module and one line here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from onesixty.carriers.http.profiles import (
    infobip,
    messagebird,
    onesixty,
    plivo,
    sinch,
    telnyx,
    twilio,
    vonage,
)
from onesixty.carriers.http.settings import HttpSettings, ProfileSettings


class Profile(NamedTuple):
    """A row of the table."""

    settings: type[ProfileSettings]
    secrets: tuple[str, ...]
    expand: Callable[[Any], HttpSettings]


PROFILES: Final[dict[str, Profile]] = {
    "infobip": Profile(infobip.Settings, infobip.SECRETS, infobip.expand),
    "messagebird": Profile(messagebird.Settings, messagebird.SECRETS, messagebird.expand),
    "onesixty": Profile(onesixty.Settings, onesixty.SECRETS, onesixty.expand),
    "plivo": Profile(plivo.Settings, plivo.SECRETS, plivo.expand),
    "sinch": Profile(sinch.Settings, sinch.SECRETS, sinch.expand),
    "telnyx": Profile(telnyx.Settings, telnyx.SECRETS, telnyx.expand),
    "twilio": Profile(twilio.Settings, twilio.SECRETS, twilio.expand),
    "vonage": Profile(vonage.Settings, vonage.SECRETS, vonage.expand),
}
