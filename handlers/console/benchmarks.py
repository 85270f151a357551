"""The benchmark of a sitting: every version with its figures, and marking a sitting anew for everybody (B5)."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from handlers.console import forms
from handlers.console.carrying_out import carry_out
from handlers.console.context import actor, path_id, text, unit_of_work, upload
from handlers.console.pages import render
from services.exams.benchmarks import BenchmarkService
from services.exams.regrading import RegradeService
from services.exams.sittings import SittingService
from services.rules.benchmark_steps import basis_in_words
from services.unit_of_work import Work

routes = web.RouteTableDef()


@routes.get("/sittings/{id}/benchmark")
async def show(request: web.Request) -> web.Response:
    """Every version of the benchmark, and what was proposed."""
    return await _page(request)


@routes.post("/sittings/{id}/regrade")
async def propose(request: web.Request) -> web.Response:
    """Take the scores by the right key; another person carries it out."""

    async def verb(work: Work) -> None:
        given = upload(request, "file")
        if given is None:
            raise forms.FormError("form.no_file")
        await RegradeService(work).propose(
            actor(request), path_id(request), *given, reason=text(request, "reason")
        )

    return await _carry_out(request, verb, "regrade_proposed")


@routes.post("/sittings/{id}/regrade/confirm")
async def confirm(request: web.Request) -> web.Response:
    """A new version for everybody."""

    async def verb(work: Work) -> None:
        await RegradeService(work).carry_out(actor(request), path_id(request))

    return await _carry_out(request, verb, "regrade_carried_out")


@routes.post("/sittings/{id}/regrade/drop")
async def drop(request: web.Request) -> web.Response:
    """Leave everything as it is."""

    async def verb(work: Work) -> None:
        await RegradeService(work).drop(actor(request), path_id(request), text(request, "reason"))

    return await _carry_out(request, verb, "regrade_dropped")


async def _carry_out(
    request: web.Request, verb: Callable[[Work], Awaitable[None]], done: str
) -> web.Response:
    back = f"/sittings/{path_id(request)}/benchmark"
    return await carry_out(request, verb, page=_page, back_to=back, done=done)


async def _page(request: web.Request, *, error: str = "") -> web.Response:
    async with unit_of_work(request) as work:
        detail = await SittingService(work).show(actor(request), path_id(request))
        snapshots = await BenchmarkService(work).snapshots(actor(request), detail.sitting.id)
        regrades = await RegradeService(work).list_of(actor(request), detail.sitting.id)
    return render(
        request,
        "benchmark.html",
        sitting=detail.sitting,
        snapshots=[(one, basis_in_words(one.benchmark)) for one in snapshots],
        waits=next((one for one in regrades if one.state == "proposed"), None),
        past=[one for one in regrades if one.state != "proposed"],
        typed=forms.typed(request),
        error=error,
        status=422 if error else 200,
    )
