"""Routes of settings."""

import msgspec

from townos.api.call import Call
from townos.api.routing import Auth, Routes, get, post
from townos.api.wire.requests import Name, Request, Text
from townos.settings.settings import Settings


class GetSetting(Request):
    """One setting."""

    key: Name = ""


class SetSetting(Request):
    """A new value."""

    key: Name = ""
    value: Text = ""


class Setting(msgspec.Struct, frozen=True):
    """A setting as it goes out; values are always texts."""

    key: str
    value: str


def routes(settings: Settings) -> Routes:
    """Return the routes of this area."""

    async def everything(_: Call) -> dict[str, str]:
        return await settings.all()

    async def one(_: Call, body: GetSetting) -> Setting:
        return Setting(body.key, await settings.get(body.key))

    async def change(_: Call, body: SetSetting) -> None:
        await settings.set(body.key, body.value)

    return (
        get("/settings", everything, Auth.ADMIN),
        post("/settings/get", one, Auth.ADMIN, audit=None),
        post("/settings/set", change, Auth.ADMIN, audit="update_setting"),
    )
