"""The landing page, the holder's PDF, the stylesheet, and what load balancers ask."""

from typing import Final
from urllib.parse import quote
from uuid import UUID

from aiohttp import web

from handlers.public.guard import tools
from handlers.public.pages import ICON, STYLE, document, error_page, page
from services.certificates import CertificateService, LinkExpiredError
from services.health import ready

_KEPT: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
routes = web.RouteTableDef()


@routes.get("/")
async def landing(_request: web.Request) -> web.Response:
    """What this is, and how to check a certificate."""
    return page("landing.html")


@routes.get("/h5/papers/{certificate_id}/{expires}/{signature}.pdf")
async def paper(request: web.Request) -> web.Response:
    """The PDF behind an address that was signed for its holder; never kept by a cache."""
    try:
        certificate_id = UUID(request.match_info["certificate_id"])
        expires = int(request.match_info["expires"])
    except ValueError as error:
        raise web.HTTPNotFound from error
    try:
        async with tools(request).unit_of_work() as work:
            content, filename = await CertificateService(work).download(
                certificate_id, expires, request.match_info["signature"]
            )
    except LinkExpiredError:
        return error_page(request, 410)
    return web.Response(
        body=content,
        content_type="application/pdf",
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(filename)}"},
    )


@routes.get("/assets/public.css")
async def style(_request: web.Request) -> web.Response:
    """The stylesheet; its address changes with its content."""
    return web.Response(body=STYLE, content_type="text/css", charset="utf-8", headers=_KEPT)


@routes.get("/assets/icon.svg")
async def icon(_request: web.Request) -> web.Response:
    """The icon of a browser's tab."""
    return web.Response(body=ICON, content_type="image/svg+xml", headers=_KEPT)


@routes.get("/favicon.ico")
async def favicon(_request: web.Request) -> web.Response:
    """For browsers that ask without being told where."""
    return web.Response(body=ICON, content_type="image/svg+xml", headers=_KEPT)


@routes.get("/healthz")
async def healthz(_request: web.Request) -> web.Response:
    """The process runs."""
    return web.Response(text="ok\n")


@routes.get("/readyz")
async def readyz(request: web.Request) -> web.Response:
    """The process can work: 200, or 503 with what is missing."""
    readiness = await ready(tools(request))
    return document(
        {"ready": readiness.ok, "problems": list(readiness.problems)}, status=200 if readiness.ok else 503
    )
