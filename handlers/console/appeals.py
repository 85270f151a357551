"""Appeals: the queue, one with its pack, giving the pack out, answering, marking again, deciding (B7)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from handlers.console import forms
from handlers.console.carrying_out import carry_out
from handlers.console.context import actor, page_number, path_id, text, unit_of_work
from handlers.console.pages import download, render
from services.appeals import AppealDesk, NamedCertificateService, decide, packs
from services.rules.benchmark_steps import basis_in_words
from services.rules.localtime import local_day
from services.unit_of_work import Work
from storage.appeal_states import AppealOutcome, AppealState

routes = web.RouteTableDef()

_FILTERS: Final = {
    "open": (AppealState.LODGED, AppealState.DISCLOSED),
    "decided": (AppealState.DECIDED,),
    "withdrawn": (AppealState.WITHDRAWN,),
}


@routes.get("/appeals")
async def lines(request: web.Request) -> web.Response:
    """What waits, what is due first at first; and certificates that a decision has put in doubt."""
    return await _list(request)


@routes.get("/appeals/{id}")
async def show(request: web.Request) -> web.Response:
    """One appeal; the look is logged."""
    return await _page(request)


@routes.get("/appeals/{id}/pack.pdf")
async def pack(request: web.Request) -> web.Response:
    """The pack on A4; the look is logged."""
    async with unit_of_work(request) as work:
        found = await AppealDesk(work).pack(actor(request), path_id(request))
        today = local_day(work.now)
    content = await asyncio.to_thread(packs.rendered, found, printed_on=today)
    return download(content, f"成绩申诉材料-{found.appeal_number}.pdf", "application/pdf")


@routes.post("/appeals/{id}/disclose")
async def disclose(request: web.Request) -> web.Response:
    """Give the person the pack."""

    async def verb(work: Work) -> None:
        await AppealDesk(work).disclose(actor(request), path_id(request))

    return await _carry_out(request, verb, "appeal_disclosed")


@routes.post("/appeals/{id}/answer")
async def answer(request: web.Request) -> web.Response:
    """Answer what the person asked."""

    async def verb(work: Work) -> None:
        await AppealDesk(work).answer(actor(request), path_id(request), text(request, "answer"))

    return await _carry_out(request, verb, "appeal_answered")


@routes.post("/appeals/{id}/remark")
async def remark(request: web.Request) -> web.Response:
    """What the one paper is worth when it is marked again."""

    async def verb(work: Work) -> None:
        score, note = forms.required(request, "score", "复核得分"), text(request, "note")
        await AppealDesk(work).remark(actor(request), path_id(request), score, note)

    return await _carry_out(request, verb, "appeal_remarked")


@routes.post("/appeals/{id}/decide")
async def end(request: web.Request) -> web.Response:
    """The result stands, is changed, or the appeal is rejected."""

    async def verb(work: Work) -> None:
        outcome = AppealOutcome(forms.one_of(request, "outcome", "结论", AppealOutcome))
        await decide(work, actor(request), path_id(request), outcome, text(request, "reason"))

    return await _carry_out(request, verb, "appeal_decided")


@routes.post("/certificates/{id}/named/{decision:revoke|keep}")
async def settle(request: web.Request) -> web.Response:
    """Revoke a certificate whose result no longer passes, or let it stand."""
    decision = request.match_info["decision"]

    async def verb(work: Work) -> None:
        service = NamedCertificateService(work)
        act = service.revoke if decision == "revoke" else service.keep
        await act(actor(request), path_id(request), text(request, "reason"))

    done = "named_revoked" if decision == "revoke" else "named_kept"
    return await carry_out(request, verb, page=_list, back_to="/appeals", done=done)


async def _carry_out(
    request: web.Request, verb: Callable[[Work], Awaitable[None]], done: str
) -> web.Response:
    return await carry_out(request, verb, page=_page, back_to=f"/appeals/{path_id(request)}", done=done)


async def _list(request: web.Request, *, error: str = "") -> web.Response:
    state = request.query.get("state", "open")
    state = state if state in _FILTERS else "open"
    async with unit_of_work(request) as work:
        desk = AppealDesk(work)
        page = await desk.queue(actor(request), states=_FILTERS[state], page=page_number(request))
        named = await desk.named(actor(request))
    return render(
        request,
        "appeals.html",
        page=page,
        named=named,
        state=state,
        error=error,
        status=422 if error else 200,
    )


async def _page(request: web.Request, *, error: str = "") -> web.Response:
    async with unit_of_work(request) as work:
        one = await AppealDesk(work).show(actor(request), path_id(request))
    frozen = one.pack.frozen
    return render(
        request,
        "appeal.html",
        one=one,
        line=one.line,
        pack=one.pack,
        basis=basis_in_words(frozen.benchmark) if frozen is not None else "",
        typed=forms.typed(request),
        error=error,
        status=422 if error else 200,
    )
