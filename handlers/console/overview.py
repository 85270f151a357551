"""The first page: what waits today. And the messages that did not arrive."""

from aiohttp import web

from handlers.console.context import actor, tools, unit_of_work
from handlers.console.pages import render
from services.assignments.service import AssignmentService
from services.authorisation.registry import RegistryService
from services.cards import CardService
from services.desk.overview import OverviewService

routes = web.RouteTableDef()


@routes.get("/")
async def todos(request: web.Request) -> web.Response:
    """What waits today."""
    async with unit_of_work(request) as work:
        counts = await OverviewService(work).todos(actor(request))
        cards = await CardService(work).todos(actor(request))
        vacant = await AssignmentService(work).vacant(actor(request))
        reminder = await RegistryService(work).reminder(actor(request))
    return render(
        request,
        "overview.html",
        todos=counts,
        cards=cards,
        vacant=vacant,
        reminder=reminder,
        now=tools(request).clock.now(),
    )


@routes.get("/undelivered")
async def undelivered(request: web.Request) -> web.Response:
    """Messages that did not arrive, newest first."""
    async with unit_of_work(request) as work:
        messages = await OverviewService(work).undelivered(actor(request))
    return render(request, "undelivered.html", messages=messages)
