"""What has been kept long enough: reports, proposing the deletion, and confirming it as another person (C11)."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from handlers.console import forms
from handlers.console.carrying_out import carry_out
from handlers.console.context import actor, page_number, path_id, text, unit_of_work
from handlers.console.pages import render
from handlers.console.retention_texts import PERIODS
from services.erasure import ErasureService
from services.models import StaffRole
from services.retention import RetentionService
from services.unit_of_work import Work

routes = web.RouteTableDef()


@routes.get("/retention")
async def lines(request: web.Request) -> web.Response:
    """The organisation's reports, the newest first."""
    async with unit_of_work(request) as work:
        page = await RetentionService(work).list_lines(actor(request), page=page_number(request))
        waiting = await ErasureService(work).count_waiting(actor(request))
    return render(request, "retention.html", page=page, waiting=waiting, periods=PERIODS)


@routes.get("/retention/{id}")
async def show(request: web.Request) -> web.Response:
    """One report with everybody on it."""
    return await _page(request)


@routes.post("/retention/{id}/propose")
async def propose(request: web.Request) -> web.Response:
    """The first person."""

    async def verb(work: Work) -> None:
        await RetentionService(work).propose(actor(request), path_id(request), text(request, "reason"))

    return await _carry_out(request, verb, "retention_proposed")


@routes.post("/retention/{id}/decline")
async def decline(request: web.Request) -> web.Response:
    """It stays."""

    async def verb(work: Work) -> None:
        await RetentionService(work).decline(actor(request), path_id(request), text(request, "reason"))

    return await _carry_out(request, verb, "retention_declined")


@routes.post("/retention/{id}/confirm")
async def confirm(request: web.Request) -> web.Response:
    """The second person, who has counted: the number of files is typed, not clicked."""

    async def verb(work: Work) -> None:
        service = RetentionService(work)
        # Whose it is comes before what was typed.
        await service.show(actor(request), path_id(request))
        await service.confirm(actor(request), path_id(request), files=forms.whole(request, "files", "文件数"))

    return await _carry_out(request, verb, "retention_confirmed")


async def _carry_out(
    request: web.Request, verb: Callable[[Work], Awaitable[None]], done: str
) -> web.Response:
    return await carry_out(request, verb, page=_page, back_to=f"/retention/{path_id(request)}", done=done)


async def _page(request: web.Request, *, error: str = "") -> web.Response:
    who = actor(request)
    async with unit_of_work(request) as work:
        one = await RetentionService(work).show(who, path_id(request))
    return render(
        request,
        "retention_report.html",
        one=one,
        line=one.line,
        decides=who.role is StaffRole.ADMIN,
        typed=forms.typed(request),
        error=error,
        status=422 if error else 200,
    )
