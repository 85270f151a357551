"""Lists 名单 of the queue's people: first who would be left out and why, then the xlsx (D7, D8)."""

from aiohttp import web

from handlers.console.context import actor, query_id, text, unit_of_work
from handlers.console.enrolments import queue_scope, queue_states
from handlers.console.pages import download, render
from services.rosters import RosterService, Wanted

routes = web.RouteTableDef()


@routes.get("/lists/{key}")
async def preview(request: web.Request) -> web.Response:
    """How many lines are complete, and what each of the others lacks."""
    async with unit_of_work(request) as work:
        found = await RosterService(work).preview(actor(request), _wanted(request))
    return render(request, "list.html", preview=found, query=request.query_string)


@routes.post("/lists/{key}")
async def export(request: web.Request) -> web.Response:
    """The complete lines as a file, once what is left out was seen; it is logged."""
    async with unit_of_work(request) as work:
        made = await RosterService(work).export(actor(request), _wanted(request), seen=text(request, "seen"))
    return download(made.content, made.filename)


def _wanted(request: web.Request) -> Wanted:
    """The same filter as the queue's, from the same query."""
    _, states = queue_states(request)
    return Wanted(
        scheme_id=request.query.get("scheme", ""),
        list_key=request.match_info["key"],
        states=states,
        query=request.query.get("q", ""),
        class_id=query_id(request.query.get("class", "")),
        scope=queue_scope(request, states),
    )
