"""Appointments: the list, one with its history, suspending and ending with a second look, evaluation, the login right."""

from typing import Final

from aiohttp import web

from handlers.console import forms, refusals
from handlers.console.context import actor, form, go, page_number, path_id, query_id, text, unit_of_work
from handlers.console.pages import render
from services.appointments import AppointmentService
from services.errors import ServiceError
from services.models import AppointmentState, Decision

routes = web.RouteTableDef()

_STATES: Final = tuple(AppointmentState)
_CHANGES: Final = {
    "suspend": "appointment_suspended",
    "restore": "appointment_restored",
    "end": "appointment_ended",
}


@routes.get("/appointments")
async def lines(request: web.Request) -> web.Response:
    """Who is appointed, by state, laboratory, name or number."""
    state, query = request.query.get("state", ""), request.query.get("q", "").strip()
    async with unit_of_work(request) as work:
        page = await AppointmentService(work).list_lines(
            actor(request),
            state=state if state in _STATES else None,
            laboratory_id=query_id(request.query.get("laboratory", "")),
            query=query,
            page=page_number(request),
            per_page=25,
        )
    return render(request, "appointments.html", page=page, state=state, states=_STATES, query=query)


@routes.get("/appointments/{id}")
async def show(request: web.Request) -> web.Response:
    """One appointment."""
    return await _page(request)


@routes.post("/appointments/{id}/reveal")
async def reveal(request: web.Request) -> web.Response:
    """The page with the login in full; that somebody looked is logged."""
    async with unit_of_work(request) as work:
        login = await AppointmentService(work).reveal_login(actor(request), path_id(request))
    return await _page(request, login=login)


@routes.get("/appointments/{id}/{change:suspend|restore|end}")
async def ask_change(request: web.Request) -> web.Response:
    """A second look: what follows, and which fields nobody covers afterwards (E4)."""
    return await _change_page(request)


@routes.post("/appointments/{id}/{change:suspend|restore|end}")
async def change(request: web.Request) -> web.Response:
    """Suspend, restore or end it, with a reason."""
    name, appointment_id, reason = request.match_info["change"], path_id(request), text(request, "reason")
    uncovers = [str(field) for field in form(request).getall("uncovers", [])]
    try:
        async with unit_of_work(request) as work:
            service = AppointmentService(work)
            match name:
                case "suspend":
                    await service.suspend(actor(request), appointment_id, reason, uncovers=uncovers)
                case "restore":
                    await service.restore(actor(request), appointment_id, reason)
                case _:
                    await service.end(actor(request), appointment_id, reason, uncovers=uncovers)
    except ServiceError as error:
        if error.kind != "invalid" and error.code != "appointment.uncovers":
            raise
        return await _change_page(request, error=refusals.error(error))
    raise go(f"/appointments/{appointment_id}", done=_CHANGES[name])


@routes.post("/appointments/{id}/evaluations")
async def evaluate(request: web.Request) -> web.Response:
    """Hand in an evaluation of one period (E7)."""
    appointment_id = path_id(request)
    try:
        async with unit_of_work(request) as work:
            await AppointmentService(work).evaluate(
                actor(request),
                appointment_id,
                period=text(request, "period"),
                mark=text(request, "mark"),
                remark=text(request, "remark"),
            )
    except ServiceError as error:
        if error.kind != "invalid" and error.code != "evaluation.given":
            raise
        return await _page(request, error=refusals.error(error), opened="evaluate")
    raise go(f"/appointments/{appointment_id}", done="evaluated")


@routes.post("/appointments/{id}/decision")
async def decide(request: web.Request) -> web.Response:
    """Decide after the evaluations whether the qualification is kept (E7)."""
    appointment_id, chosen = path_id(request), text(request, "decision")
    uncovers = [str(field) for field in form(request).getall("uncovers", [])]
    try:
        if chosen not in tuple(Decision):
            raise forms.FormError("form.choice", label="决定")
        async with unit_of_work(request) as work:
            await AppointmentService(work).decide(
                actor(request),
                appointment_id,
                Decision(chosen),
                text(request, "reason"),
                period=text(request, "period"),
                uncovers=uncovers,
            )
    except ServiceError as error:
        if error.kind in ("not_found", "forbidden"):
            raise
        return await _page(request, error=refusals.error(error), opened="decide")
    raise go(f"/appointments/{appointment_id}", done="evaluation_decided")


@routes.post("/appointments/{id}/login-request")
async def request_login(request: web.Request) -> web.Response:
    """Ask for a login (E6)."""
    appointment_id = path_id(request)
    async with unit_of_work(request) as work:
        await AppointmentService(work).request_login(actor(request), appointment_id)
    raise go(f"/appointments/{appointment_id}", done="login_requested")


@routes.post("/appointments/{id}/login-grant")
async def grant_login(request: web.Request) -> web.Response:
    """Grant it (E6)."""
    appointment_id = path_id(request)
    async with unit_of_work(request) as work:
        await AppointmentService(work).grant_login(actor(request), appointment_id)
    raise go(f"/appointments/{appointment_id}", done="login_granted")


@routes.post("/appointments/{id}/login-applied")
async def confirm_right(request: web.Request) -> web.Response:
    """The business system was set accordingly."""
    appointment_id = path_id(request)
    async with unit_of_work(request) as work:
        await AppointmentService(work).confirm_right(actor(request), appointment_id)
    raise go(f"/appointments/{appointment_id}", done="login_applied")


async def _page(request: web.Request, *, error: str = "", login: str = "", opened: str = "") -> web.Response:
    async with unit_of_work(request) as work:
        one = await AppointmentService(work).show(actor(request), path_id(request))
    return render(
        request,
        "appointment.html",
        one=one,
        line=one.line,
        login=login,
        opened=opened,
        typed=forms.typed(request),
        decisions=tuple(Decision),
        error=error,
        status=422 if error else 200,
    )


async def _change_page(request: web.Request, *, error: str = "") -> web.Response:
    async with unit_of_work(request) as work:
        one = await AppointmentService(work).show(actor(request), path_id(request))
    return render(
        request,
        "appointment_change.html",
        one=one,
        line=one.line,
        change=request.match_info["change"],
        typed=forms.typed(request),
        error=error,
        status=422 if error else 200,
    )
