"""`onesixty serve`: runs the node. When it is ready, prints its address and how to send the first message.

Rules kept here:
- secrets of keys are printed once, at the start that made them, and never logged;
- a printed curl call works as it is, with the real address and key;
- until the node can stop in order, SIGINT ends the process at once: there is nothing to bring to an end yet, and a
  KeyboardInterrupt would be lost if a destructor or a callback happened to run.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from typing import TYPE_CHECKING

from onesixty import __version__
from onesixty.cli.console import DAMAGED, FAILED, MISUSED, fail, program, read_settings, say
from onesixty.cli.progress import Ticker

if TYPE_CHECKING:
    from onesixty.accounts import NewKey
    from onesixty.app.server import Ready


def serve() -> None:
    """Run onesixty until SIGTERM or SIGINT. Settings: docs/reference/settings.md."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from onesixty.ops import garbage

    garbage.pause()
    settings = read_settings()
    import structlog

    from onesixty.ops import logs
    from onesixty.ops.settings import SettingsError, unknown_variables

    logs.configure(settings.log_level, settings.log_format)
    log = structlog.get_logger("onesixty.cli")
    for sentence in unknown_variables(os.environ):
        log.warning("unknown_variable", reason=sentence)

    log.info("starting", version=__version__, data_dir=str(settings.data_dir))
    ticker = Ticker("starting")
    from onesixty.app.server import run_server
    from onesixty.sealing.source import SecretError
    from onesixty.store.opening import SchemaError
    from onesixty.store.units import Damaged, StoreError
    from onesixty.store.urls import UrlError

    def started(ready: Ready) -> None:
        ticker.end()
        announce(ready, simulated=not settings.carriers)

    try:
        status = run_server(
            settings,
            on_ready=started,
            on_failed_start=lambda keys: show_keys(keys) if keys else None,
        )
    except (SettingsError, SecretError) as error:
        fail(str(error), MISUSED)
    except UrlError as error:
        fail(f"ONESIXTY_DATABASE_URL: {error}", MISUSED)
    except Damaged as error:
        fail(f"cannot start: {error}", DAMAGED)
    except (OSError, StoreError, SchemaError) as error:
        # Causes outside this program: a port in use, a directory that is not writable, no database.
        log.debug("start_failed", exc_info=True)
        fail(f"cannot start: {reason_of(error)}", FAILED)
    finally:
        ticker.end()
    raise SystemExit(status)


def reason_of(error: Exception) -> str:
    """Describe an error; for an OSError with its subject and without its number."""
    return (
        error.strerror if isinstance(error, OSError) and error.strerror and not error.filename else str(error)
    )


def announce(ready: Ready, *, simulated: bool) -> None:
    """Print what a user needs first. `simulated`: no carrier is configured, so nothing real is sent."""
    console = "" if ready.console is None else f"    console: {ready.console}"
    say(f"onesixty {__version__} is ready: {ready.url}    documentation: {ready.url}/docs{console}")
    _announce_keys(ready, simulated=simulated)
    if ready.setup is not None:
        show_setup(ready.setup.url, ready.setup.token)


def _announce_keys(ready: Ready, *, simulated: bool) -> None:
    if ready.new_keys:
        show_keys(ready.new_keys)
        say()
        say("A first message, delivered by the simulated carrier:" if simulated else "A first message:")
        say()
        say(first_call(ready.url, ready.new_keys[0].secret))
        say()
    elif ready.admin_key:
        say("The key is the value of ONESIXTY_ADMIN_KEY.")
    else:
        say(f"Keys were shown when they were created. Create another one: {program()} key create --local")


def show_setup(url: str, token: str) -> None:
    """Print the set-up link, and how to use it from a terminal. It is never shown again."""
    say("No user exists yet. The owner becomes the first user by this link, once and within 24 hours:")
    say()
    say(f"  {url}/console/setup#{token}")
    say()
    say("Or from a terminal, with your own address and password:")
    say()
    say(setup_call(url, token))
    say()


def setup_call(url: str, token: str) -> str:
    """Return the curl call that makes the first user."""
    return (
        f'curl -X POST {url}/v1/setup -H "Content-Type: application/json" \\\n'
        f"""  -d '{{"token": "{token}", "email": "you@example.com", "password": "twelve characters or more"}}'"""
    )


def show_keys(keys: Sequence[NewKey]) -> None:
    """Print the secrets of new keys. They are never shown again."""
    say()
    say("These keys are shown only once. Store them now:")
    say()
    for made in keys:
        say(f"  {'test' if made.key.test else 'live'} key  {made.secret}")


def first_call(url: str, secret: str) -> str:
    """Return the curl call of the documentation, ready to be pasted."""
    return (
        f"curl -X POST {url}/v1/sms/send \\\n"
        f'  -H "Authorization: Bearer {secret}" -H "Content-Type: application/json" \\\n'
        """  -d '{"from": "YourBrand", "to": "+15551234567", "text": "Your verification code is 482931"}'"""
    )
