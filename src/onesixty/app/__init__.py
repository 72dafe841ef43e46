"""The composition root: the only place that knows every part of onesixty and puts them together."""

from onesixty.app.platform import Platform
from onesixty.app.server import Ready, run_server

__all__ = ["Platform", "Ready", "run_server"]
