"""The pack of an appeal behind its person's one-time link: a door, the page, and the same as PDF (B7)."""

import asyncio
from urllib.parse import quote

from aiohttp import web

from handlers.public import browsers
from handlers.public.guard import SITE, tools
from handlers.public.pages import SCRIPTED, page
from services.appeals import packs, reading
from services.appeals.models import Pack
from services.links import LinkGoneError, LinkPurpose
from services.rules.benchmark_steps import basis_in_words
from services.rules.localtime import local_day

routes = web.RouteTableDef()


@routes.get("/h5/appeals/{token}")
async def show(request: web.Request) -> web.Response:
    """The pack, for the browser that opened the link; before that a door. A GET changes nothing."""
    try:
        pack = await _look(request)
    except LinkGoneError:
        return _gone()
    if pack is None:
        response = _page("appeal_door.html", no_cookie=False, action=_address(request, "/open"))
        browsers.remember(request, response)
        return response
    basis = basis_in_words(pack.frozen.benchmark) if pack.frozen is not None else ""
    return _page("appeal_pack.html", pack=pack, basis=basis, paper=_address(request, "/pack.pdf"))


@routes.post("/h5/appeals/{token}/open")
async def open_(request: web.Request) -> web.Response:
    """The button of the door: from now on the link is this browser's."""
    if not (known := browsers.known(request)):
        return _page("appeal_door.html", status=422, no_cookie=True, action=_address(request, "/open"))
    try:
        async with tools(request).unit_of_work() as work:
            await reading.open_(work, request.match_info["token"], browser=known)
    except LinkGoneError:
        return _gone()
    return web.Response(status=303, headers={"Location": _address(request)})


@routes.get("/h5/appeals/{token}/pack.pdf")
async def paper(request: web.Request) -> web.Response:
    """The pack on A4; rendered outside of any transaction."""
    try:
        pack = await _look(request)
    except LinkGoneError:
        return _gone()
    if pack is None:
        return _gone()
    today = local_day(tools(request).clock.now())
    async with request.config_dict[SITE].press:
        content = await asyncio.to_thread(packs.rendered, pack, printed_on=today)
    name = quote(f"成绩申诉材料-{pack.appeal_number}.pdf")
    return web.Response(
        body=content,
        content_type="application/pdf",
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
    )


async def _look(request: web.Request) -> Pack | None:
    async with tools(request).unit_of_work() as work:
        return await reading.look(work, request.match_info["token"], browser=browsers.known(request))


def _address(request: web.Request, below: str = "") -> str:
    return f"{LinkPurpose.APPEAL.path}{request.match_info['token']}{below}"


def _gone() -> web.Response:
    return _page("appeal_gone.html", status=410)


def _page(template: str, *, status: int = 200, **context: object) -> web.Response:
    response = page(template, status=status, **context)
    # WeUI's stylesheet holds small drawings of its own.
    response.headers["Content-Security-Policy"] = SCRIPTED
    return response
