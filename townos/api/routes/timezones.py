"""The route of the time zones."""

from townos.api.call import Call
from townos.api.routing import Auth, Routes, get
from townos.settings.timezones import TIMEZONES


def routes() -> Routes:
    """Return the routes of this area."""

    async def timezones(_: Call) -> list[str]:
        return list(TIMEZONES)

    return (get("/packages/timezones", timezones, Auth.SESSION),)
