"""A person's own data behind a one-time link from the chat: a door, then the zip, once."""

from urllib.parse import quote

from aiohttp import web

from handlers.public import browsers
from handlers.public.guard import tools
from handlers.public.pages import SCRIPTED, page
from services.links import LinkGoneError
from services.retention import own_data

routes = web.RouteTableDef()


@routes.get("/h5/data/{token}")
async def door(request: web.Request) -> web.Response:
    """What it is, and a button; a GET changes nothing."""
    known = browsers.known(request)
    try:
        async with tools(request).unit_of_work() as work:
            await own_data.look(work, request.match_info["token"], browser=known)
    except LinkGoneError:
        return _gone()
    response = _page("data_door.html", no_cookie=False, action=request.path)
    browsers.remember(request, response)
    return response


@routes.post("/h5/data/{token}")
async def take(request: web.Request) -> web.Response:
    """The zip; the link has served."""
    if not (known := browsers.known(request)):
        return _page("data_door.html", status=422, no_cookie=True, action=request.path)
    try:
        async with tools(request).unit_of_work() as work:
            content = await own_data.take(work, request.match_info["token"], browser=known)
    except LinkGoneError:
        return _gone()
    return web.Response(
        body=content,
        content_type="application/zip",
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote('我的数据.zip')}"},
    )


def _gone() -> web.Response:
    return _page("data_gone.html", status=410)


def _page(template: str, *, status: int = 200, **context: object) -> web.Response:
    response = page(template, status=status, **context)
    # WeUI's stylesheet holds small drawings of its own.
    response.headers["Content-Security-Policy"] = SCRIPTED
    return response
