"""Laboratories: what each does, who covers it, and what nobody covers (E4)."""

from aiohttp import web

from handlers.console import forms, refusals
from handlers.console.context import actor, form, go, path_id, unit_of_work
from handlers.console.pages import render
from services.appointments.coverage import CoverageService
from services.errors import ServiceError

routes = web.RouteTableDef()


@routes.get("/laboratories")
async def lines(request: web.Request) -> web.Response:
    """The laboratories that one sees, those with gaps marked."""
    async with unit_of_work(request) as work:
        laboratories = await CoverageService(work).list_lines(actor(request))
    return render(request, "laboratories.html", laboratories=laboratories)


@routes.get("/laboratories/{id}")
async def show(request: web.Request) -> web.Response:
    """One laboratory."""
    return await _page(request)


@routes.post("/laboratories/{id}/business")
async def set_business(request: web.Request) -> web.Response:
    """Say which fields it does business in."""
    laboratory_id = path_id(request)
    fields = [str(field) for field in form(request).getall("fields", [])]
    try:
        async with unit_of_work(request) as work:
            await CoverageService(work).set_business(actor(request), laboratory_id, fields)
    except ServiceError as error:
        if error.kind != "invalid":
            raise
        return await _page(request, error=refusals.error(error))
    raise go(f"/laboratories/{laboratory_id}", done="business_set")


async def _page(request: web.Request, *, error: str = "") -> web.Response:
    async with unit_of_work(request) as work:
        one = await CoverageService(work).show(actor(request), path_id(request))
    return render(
        request,
        "laboratory.html",
        one=one,
        typed=forms.typed(request),
        error=error,
        status=422 if error else 200,
    )
