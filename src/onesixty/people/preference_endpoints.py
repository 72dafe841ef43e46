"""`/v1/me/preferences`: what a user chose for the console. A key has no preferences."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import Response

from onesixty.http import merge_patch, openapi
from onesixty.http.answers import json_answer
from onesixty.http.auth import Identified
from onesixty.http.call import SCOPE_KEY, Call
from onesixty.http.openapi import JSON, Schema
from onesixty.http.scopes import Principal
from onesixty.people.preferences import CHANGE, PreferenceBook, PreferencesView, view

PATH: Final = "/v1/me/preferences"
Person = Annotated[Principal, Depends(Identified(session=True))]
_CHANGE: Final = "PreferencesChange"


def preference_routes(preferences: PreferenceBook) -> openapi.Router:
    """The routes."""
    router = openapi.Router("users")
    router.describe(_schemas)

    @router.get(PATH, responses=openapi.answers(200, "PreferencesView", "Your preferences."))
    async def get_preferences(caller: Person) -> Response:
        """Get your preferences for the console.

        They are the same in every account and mode. What you did not choose is null.
        """
        return json_answer(view(await preferences.of(caller.actor.id)))

    @router.patch(
        PATH,
        responses=openapi.answers(200, "PreferencesView", "Your preferences after the change."),
        openapi_extra=openapi.json_body(_CHANGE, types=(merge_patch.CONTENT_TYPE, JSON)),
    )
    async def change_preferences(request: Request, caller: Person) -> Response:
        """Change your preferences for the console."""
        call: Call = request.scope[SCOPE_KEY]
        patch = merge_patch.read(call.body)
        return json_answer(view(await preferences.change(caller.actor.id, patch)))

    return router


def _schemas() -> dict[str, Schema]:
    about = (
        "A JSON merge patch: absent fields keep their values; null clears a field or restores its default."
    )
    return {**CHANGE.schemas(_CHANGE, about), **openapi.of_struct(PreferencesView)}
