"""The first page: what waits today. And the messages that did not arrive."""

from aiohttp import web

from handlers.console import authorisations
from handlers.console.context import actor, tools, unit_of_work
from handlers.console.pages import render
from services.appeals import AppealDesk
from services.appointments.rosters import RosterService
from services.assignments.service import AssignmentService
from services.authorisation.registry import RegistryService
from services.blacklist import BlacklistService
from services.broadcasts import BroadcastService
from services.cards import CardRegister
from services.changes import ChangeDesk
from services.delivery.deciding import UndecidedService
from services.delivery.gates import GateService
from services.desk.overview import OverviewService
from services.erasure import ErasureService
from services.models import BlacklistState
from services.retention import RetentionService

routes = web.RouteTableDef()


@routes.get("/")
async def todos(request: web.Request) -> web.Response:
    """What waits today."""
    who = actor(request)
    async with unit_of_work(request) as work:
        counts = await OverviewService(work).todos(who)
        cards = await CardRegister(work).todos(who)
        appeals, late_appeals = await AppealDesk(work).count_open(who)
        vacant = await AssignmentService(work).vacant(who)
        changes = (await ChangeDesk(work).queue(who, per_page=1)).total
        hearings = (
            await BlacklistService(work).list_lines(who, state=BlacklistState.PROPOSED, per_page=1)
        ).total
        rosters = [one for one in await RosterService(work).list_lines(who) if not one.closed]
        licences = await authorisations.count_waiting(work, who)
        expired = await RetentionService(work).count_proposed(who)
        erasures = await ErasureService(work).count_waiting(who)
        broadcasts = await BroadcastService(work).count_waiting(who)
        circuits = await GateService(work).circuits()
        undecided = await UndecidedService(work).count(who)
        reminder = await RegistryService(work).reminder(who)
    return render(
        request,
        "overview.html",
        todos=counts,
        cards=cards,
        appeals=appeals,
        late_appeals=late_appeals,
        vacant=vacant,
        changes=changes,
        hearings=hearings,
        licences=licences,
        rosters=rosters,
        reminder=reminder,
        erasures=erasures,
        undecided=undecided,
        broadcasts=broadcasts,
        circuits=circuits,
        expired=expired,
        now=tools(request).clock.now(),
    )


@routes.get("/undelivered")
async def undelivered(request: web.Request) -> web.Response:
    """Messages that did not arrive, newest first."""
    async with unit_of_work(request) as work:
        messages = await OverviewService(work).undelivered(actor(request))
    return render(request, "undelivered.html", messages=messages)
