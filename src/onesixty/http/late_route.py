"""A route that FastAPI reads when it is first used.

FastAPI inspects the signature of each endpoint and makes a validator for each of its parameters. For all routes of
the API that is a good part of a start, and most processes answer only a few of them. Path and methods are known at
once, so a request finds its route without this. The document of the API reads every route.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any, Final

from fastapi.routing import APIRoute
from starlette.routing import compile_path

_BUILDING: Final = Lock()


class LateRoute(APIRoute):
    """An `APIRoute` that is built by whoever first asks for something that only FastAPI makes."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        self._late = (path, endpoint, options)
        self.path = path
        self.endpoint = endpoint
        self.path_regex, self.path_format, self.param_convertors = compile_path(path)
        self.methods = {method.upper() for method in options.get("methods") or ("GET",)}

    def __getattr__(self, name: str) -> Any:
        """Build the route. Called only for attributes that it does not have yet, also by the thread that makes the
        document of the API: so it is built aside, by one thread, and taken over as a whole."""
        if name.startswith("__"):
            raise AttributeError(name)
        with _BUILDING:
            if "app" not in self.__dict__:
                path, endpoint, options = self._late
                self.__dict__.update(vars(APIRoute(path, endpoint, **options)))
        try:
            return self.__dict__[name]
        except KeyError:
            raise AttributeError(name) from None
