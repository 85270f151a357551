"""The browser that a one-time link belongs to: a secret in a cookie that no script can read."""

from typing import Final

from aiohttp import web

from handlers.public.guard import tools
from services.links import new_browser

COOKIE: Final = "zhengtu_browser"
_LASTS: Final = 24 * 3600


def known(request: web.Request) -> str:
    """This browser's secret; empty when it has none."""
    return request.cookies.get(COOKIE, "")


def remember(request: web.Request, response: web.Response) -> None:
    """Give a browser that has no secret a new one, with this answer."""
    if known(request):
        return
    response.set_cookie(
        COOKIE,
        new_browser(tools(request)),
        path="/h5",
        httponly=True,
        samesite="Lax",
        secure=tools(request).public_url.startswith("https://"),
        max_age=_LASTS,
    )
