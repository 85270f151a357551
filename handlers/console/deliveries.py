"""Messages that nobody knows of whether they arrived, or that were given up: what is known, and the decision."""

from aiohttp import web

from handlers.console import refusals
from handlers.console.context import actor, go, page_number, path_id, text, unit_of_work
from handlers.console.pages import render
from services.delivery.deciding import REASON_LIMIT, UndecidedService
from services.delivery.gates import GateService
from services.errors import ForbiddenError, NotFoundError, ServiceError
from services.models import StaffRole

routes = web.RouteTableDef()


@routes.get("/deliveries")
async def lines(request: web.Request) -> web.Response:
    """Those that wait, the oldest first."""
    return await _page(request)


@routes.post("/deliveries/{id}/send-again")
async def send_again(request: web.Request) -> web.Response:
    """As a new message, knowing that the person may read it twice."""
    try:
        async with unit_of_work(request) as work:
            await UndecidedService(work).send_again(actor(request), path_id(request), text(request, "reason"))
    except ServiceError as error:
        return await _refused(request, error)
    raise go("/deliveries", done="delivery_sent_again")


@routes.post("/deliveries/{id}/set-aside")
async def set_aside(request: web.Request) -> web.Response:
    """Nothing more is sent."""
    try:
        async with unit_of_work(request) as work:
            await UndecidedService(work).set_aside(actor(request), path_id(request), text(request, "reason"))
    except ServiceError as error:
        return await _refused(request, error)
    raise go("/deliveries", done="delivery_set_aside")


@routes.post("/circuits")
async def close_circuit(request: web.Request) -> web.Response:
    """Send from an account again whose configuration was mended."""
    try:
        async with unit_of_work(request) as work:
            await GateService(work).close_circuit(
                actor(request), text(request, "account"), text(request, "reason")
            )
    except ServiceError as error:
        return await _refused(request, error)
    raise go("/deliveries", done="circuit_closed")


async def _refused(request: web.Request, error: ServiceError) -> web.Response:
    if isinstance(error, NotFoundError | ForbiddenError):
        raise error
    return await _page(request, error=refusals.error(error), status=422)


async def _page(request: web.Request, *, error: str = "", status: int = 200) -> web.Response:
    async with unit_of_work(request) as work:
        page = await UndecidedService(work).list_lines(actor(request), page=page_number(request))
        gates = GateService(work)
        circuits, rests = await gates.circuits(), await gates.rests()
    return render(
        request,
        "deliveries.html",
        page=page,
        circuits=circuits,
        rests=rests,
        is_admin=actor(request).role is StaffRole.ADMIN,
        error=error,
        reason_limit=REASON_LIMIT,
        status=status,
    )
