"""The API over an intake that stores nothing, for the endpoints of this folder."""

from tests.doors.conftest import new_world

__all__ = ["new_world"]
