"""The phone at `/`: one page of plain HTML, CSS and JavaScript that speaks to /sim."""

from pathlib import Path

from aiohttp import web

routes = web.RouteTableDef()

STATIC = Path(__file__).parent / "static"

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' http: https: data: blob:; frame-src http: https:; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-cache",
    "Referrer-Policy": "no-referrer",
}


@routes.get("/")
async def page(_request: web.Request) -> web.FileResponse:
    """The page."""
    return web.FileResponse(STATIC / "index.html", headers=_HEADERS)


def add_routes(app: web.Application) -> None:
    """The page and what it is made of."""
    app.router.add_routes(routes)
    app.router.add_static("/phone/", STATIC)
