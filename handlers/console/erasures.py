"""Requests to delete one's own data: what is kept and why, deleting by two people, closing, refusing (C11)."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from handlers.console import forms
from handlers.console.carrying_out import carry_out
from handlers.console.context import actor, page_number, path_id, text, unit_of_work
from handlers.console.pages import render
from services.erasure import ErasureService
from services.models import StaffRole
from services.notices.erasure_texts import duties, until
from services.unit_of_work import Work

routes = web.RouteTableDef()


@routes.get("/erasures")
async def lines(request: web.Request) -> web.Response:
    """The organisation's requests, those that wait first."""
    async with unit_of_work(request) as work:
        page = await ErasureService(work).list_lines(actor(request), page=page_number(request))
    return render(request, "erasures.html", page=page)


@routes.get("/erasures/{id}")
async def show(request: web.Request) -> web.Response:
    """One request with everything in it."""
    return await _page(request)


@routes.post("/erasures/{id}/propose")
async def propose(request: web.Request) -> web.Response:
    """The first person."""

    async def verb(work: Work) -> None:
        await ErasureService(work).propose(actor(request), path_id(request), text(request, "reason"))

    return await _carry_out(request, verb, "erasure_proposed")


@routes.post("/erasures/{id}/confirm")
async def confirm(request: web.Request) -> web.Response:
    """The second person, who has counted: the number of pictures is typed, not clicked."""

    async def verb(work: Work) -> None:
        service = ErasureService(work)
        # Whose it is comes before what was typed.
        await service.show(actor(request), path_id(request))
        await service.confirm(actor(request), path_id(request), files=forms.whole(request, "files", "照片数"))

    return await _carry_out(request, verb, "erasure_confirmed")


@routes.post("/erasures/{id}/close")
async def close(request: web.Request) -> web.Response:
    """Nothing is left to delete."""

    async def verb(work: Work) -> None:
        await ErasureService(work).close(actor(request), path_id(request))

    return await _carry_out(request, verb, "erasure_closed")


@routes.post("/erasures/{id}/refuse")
async def refuse(request: web.Request) -> web.Response:
    """Nothing is deleted, with the reason that the person reads."""

    async def verb(work: Work) -> None:
        await ErasureService(work).refuse(actor(request), path_id(request), text(request, "reason"))

    return await _carry_out(request, verb, "erasure_refused")


async def _carry_out(
    request: web.Request, verb: Callable[[Work], Awaitable[None]], done: str
) -> web.Response:
    return await carry_out(request, verb, page=_page, back_to=f"/erasures/{path_id(request)}", done=done)


async def _page(request: web.Request, *, error: str = "") -> web.Response:
    who = actor(request)
    async with unit_of_work(request) as work:
        one = await ErasureService(work).show(who, path_id(request))
    return render(
        request,
        "erasure.html",
        one=one,
        line=one.line,
        why={
            part.enrolment_id: duties(part.duties, years=part.years, basis=part.basis) for part in one.parts
        },
        until={part.enrolment_id: until(part.kept_until) for part in one.parts},
        decides=who.role is StaffRole.ADMIN,
        typed=forms.typed(request),
        error=error,
        status=422 if error else 200,
    )
