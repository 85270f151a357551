"""Results of a sitting: approving them, and publishing them with a second look."""

from aiohttp import web

from handlers.console.context import actor, go, path_id, unit_of_work
from handlers.console.pages import render
from services.errors import ConflictError
from services.exams.results import ResultService
from services.exams.sittings import SittingService
from services.models import ResultState

routes = web.RouteTableDef()


@routes.post("/sittings/{id}/approve")
async def approve(request: web.Request) -> web.Response:
    """Confirm all scored results of a sitting."""
    sitting_id = path_id(request)
    async with unit_of_work(request) as work:
        if not await ResultService(work).approve(actor(request), sitting_id):
            raise ConflictError("result.not_scored")
    raise go(f"/sittings/{sitting_id}", done="results_approved")


@routes.get("/sittings/{id}/publish")
async def ask_publish(request: web.Request) -> web.Response:
    """A second look before publishing."""
    async with unit_of_work(request) as work:
        detail = await SittingService(work).show(actor(request), path_id(request))
        lines = await ResultService(work).list_for_sitting(actor(request), detail.sitting.id)
        approved = tuple(line for line in lines if line.state is ResultState.APPROVED)
        early = detail.sitting.starts_at > work.now
    return render(request, "sitting_publish.html", one=detail.sitting, approved=approved, early=early)


@routes.post("/sittings/{id}/publish")
async def publish(request: web.Request) -> web.Response:
    """Make the approved results known; each enrolment is concluded with it (B2)."""
    sitting_id = path_id(request)
    async with unit_of_work(request) as work:
        if not await ResultService(work).publish(actor(request), sitting_id):
            raise ConflictError("result.not_approved")
    raise go(f"/sittings/{sitting_id}", done="results_published")
