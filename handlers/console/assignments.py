"""Assignments 派遣: the list, a new one, the draw, looking at cards on the day, problems, and the end of it (D9)."""

from typing import Final
from uuid import UUID

from aiohttp import web

from handlers.console import forms, refusals
from handlers.console.context import actor, go, page_number, path_id, query_id, text, unit_of_work
from handlers.console.pages import render
from services.assignments import AssignmentState
from services.assignments.holding import HoldingService
from services.assignments.models import CardCheck
from services.assignments.planning import PlanningService
from services.assignments.service import AssignmentService
from services.assignments.views import families
from services.errors import ServiceError

routes = web.RouteTableDef()

_PER_PAGE: Final = 25


@routes.get("/assignments")
async def lines(request: web.Request) -> web.Response:
    """The organisation's assignments, the latest day first."""
    given = request.query.get("state", "")
    state = AssignmentState(given) if given in tuple(AssignmentState) else None
    async with unit_of_work(request) as work:
        total, items = await AssignmentService(work).list_lines(
            actor(request), state=state, page=page_number(request), per_page=_PER_PAGE
        )
    page = {
        "items": items,
        "total": total,
        "page": page_number(request),
        "pages": max(1, -(-total // _PER_PAGE)),
    }
    return render(request, "assignments.html", page=page, state=given, states=tuple(AssignmentState))


@routes.get("/assignments/new")
async def ask(request: web.Request) -> web.Response:
    """The form for a new one."""
    return await _form(request)


@routes.post("/assignments/new")
async def add(request: web.Request) -> web.Response:
    """Ask for examiners; the draw comes next."""
    try:
        async with unit_of_work(request) as work:
            made = await PlanningService(work).add(
                actor(request),
                family=text(request, "family"),
                occupation=text(request, "occupation"),
                held_on=forms.day(request, "held_on", "日期"),
                starts=text(request, "starts"),
                place=text(request, "place"),
                assessed=text(request, "assessed"),
                wanted=forms.whole(request, "wanted", "人数"),
            )
    except ServiceError as error:
        if error.kind != "invalid":
            raise
        return await _form(request, error=refusals.error(error))
    raise go(f"/assignments/{made.id}", done="assignment_added")


@routes.get("/assignments/{id}")
async def show(request: web.Request) -> web.Response:
    """One, with who was drawn, the draws, and what was reported."""
    return await _page(request, path_id(request))


@routes.post("/assignments/{id}/draw")
async def draw(request: web.Request) -> web.Response:
    """Draw for what is vacant."""
    assignment_id = path_id(request)
    async with unit_of_work(request) as work:
        await PlanningService(work).draw(actor(request), assignment_id)
    raise go(f"/assignments/{assignment_id}", done="assignment_drawn")


@routes.post("/assignments/{id}/check")
async def check(request: web.Request) -> web.Response:
    """Look at a card at the door; whoever may come is counted as there."""
    assignment_id = path_id(request)
    try:
        async with unit_of_work(request) as work:
            found = await HoldingService(work).check(
                actor(request), assignment_id, text(request, "number"), text(request, "name")
            )
    except ServiceError as error:
        if error.kind != "invalid":
            raise
        return await _page(request, assignment_id, error=refusals.error(error))
    return await _page(request, assignment_id, checked=found)


@routes.post("/assignments/{id}/problem")
async def problem(request: web.Request) -> web.Response:
    """Keep what was reported, about one examiner or in general."""
    assignment_id = path_id(request)
    try:
        async with unit_of_work(request) as work:
            await HoldingService(work).report_problem(
                actor(request),
                assignment_id,
                text(request, "problem"),
                examiner_id=query_id(text(request, "examiner")),
            )
    except ServiceError as error:
        if error.kind != "invalid":
            raise
        return await _page(request, assignment_id, error=refusals.error(error))
    raise go(f"/assignments/{assignment_id}", done="assignment_problem")


@routes.post("/assignments/{id}/finish")
async def finish(request: web.Request) -> web.Response:
    """It is over."""
    assignment_id = path_id(request)
    async with unit_of_work(request) as work:
        await HoldingService(work).finish(actor(request), assignment_id)
    raise go(f"/assignments/{assignment_id}", done="assignment_done")


@routes.post("/assignments/{id}/cancel")
async def cancel(request: web.Request) -> web.Response:
    """It does not take place."""
    assignment_id = path_id(request)
    try:
        async with unit_of_work(request) as work:
            await PlanningService(work).cancel(actor(request), assignment_id, text(request, "reason"))
    except ServiceError as error:
        if error.kind != "invalid":
            raise
        return await _page(request, assignment_id, error=refusals.error(error))
    raise go(f"/assignments/{assignment_id}", done="assignment_cancelled")


@routes.post("/examiners/{id}/decline")
async def decline(request: web.Request) -> web.Response:
    """One who was drawn told by telephone that they cannot come."""
    async with unit_of_work(request) as work:
        assignment_id = await PlanningService(work).decline(
            actor(request), path_id(request), text(request, "reason")
        )
    raise go(f"/assignments/{assignment_id}", done="assignment_declined")


async def _form(request: web.Request, *, error: str = "") -> web.Response:
    async with unit_of_work(request) as work:
        known = families(work)
        occupations = await PlanningService(work).occupations(actor(request))
    return render(
        request,
        "assignment_new.html",
        families=known,
        occupations=sorted({one for some in occupations.values() for one in some}),
        typed=forms.typed(request),
        error=error,
        status=422 if error else 200,
    )


async def _page(
    request: web.Request, assignment_id: UUID, *, checked: CardCheck | None = None, error: str = ""
) -> web.Response:
    async with unit_of_work(request) as work:
        detail = await AssignmentService(work).show(actor(request), assignment_id)
    return render(
        request,
        "assignment.html",
        detail=detail,
        one=detail.line,
        checked=checked,
        typed=forms.typed(request),
        error=error,
        status=422 if error else 200,
    )
