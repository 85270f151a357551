"""The audit log of one's own organisation."""

from aiohttp import web

from handlers.console.context import actor, page_number, unit_of_work
from handlers.console.pages import render
from services.desk.audit_log import AuditLogService

routes = web.RouteTableDef()


@routes.get("/audit")
async def lines(request: web.Request) -> web.Response:
    """What was done, newest first."""
    query = request.query.get("q", "").strip()
    async with unit_of_work(request) as work:
        page = await AuditLogService(work).list_lines(actor(request), query=query, page=page_number(request))
    return render(request, "audit.html", page=page, query=query)
