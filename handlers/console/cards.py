"""Cards 证卡: who waits for one, the list with what is done to several at once, one card, taking a qualification away."""

from collections.abc import Awaitable, Callable, Collection
from typing import Any, Final
from uuid import UUID

from aiohttp import web

from handlers.console import forms, refusals
from handlers.console.context import (
    actor,
    form,
    go,
    page_number,
    path_id,
    query_id,
    text,
    tools,
    unit_of_work,
    upload,
)
from handlers.console.enrolments import schemes
from handlers.console.pages import download, render
from services.cards import (
    STANDING,
    CancellationService,
    CardRegister,
    CardService,
    CardState,
    CardView,
    CopyCause,
    CopyService,
)
from services.errors import NotFoundError, ServiceError
from services.rules.localtime import local_day

routes = web.RouteTableDef()

_STATES: Final = (*CardState, "expired", "wanted")
#: Why a new copy is printed, but for 复核, which has conditions of its own.
_CAUSES: Final = (CopyCause.LOST, CopyCause.DAMAGED, CopyCause.DATA_CHANGED)
#: What is done to several cards → the key of what is said afterwards, and the state that is shown then.
_STEPS: Final = {
    "number": ("cards_numbered", CardState.NUMBERED),
    "make": ("cards_made", CardState.MADE),
    "hand-out": ("cards_handed_out", CardState.HANDED_OUT),
}
_ANEW: Final = {
    "propose-copy": "card_copy_proposed",
    "copy": "card_copied",
    "renew": "card_renewed",
    "decline-copy": "card_copy_declined",
}


@routes.get("/cards")
async def lines(request: web.Request) -> web.Response:
    """Cards by state, scheme, number or name, the newest first."""
    state, scheme_id = request.query.get("state", ""), request.query.get("scheme", "")
    query = request.query.get("q", "").strip()
    async with unit_of_work(request) as work:
        page = await CardRegister(work).list_lines(
            actor(request),
            state=state if state in _STATES else None,
            scheme_id=scheme_id or None,
            query=query,
            page=page_number(request),
            per_page=50,
        )
        waiting = len(await CardService(work).waiting(actor(request)))
        wanted = (await CardRegister(work).todos(actor(request))).to_print_anew
    own = actor(request).organisation_id
    return render(
        request,
        "cards.html",
        page=page,
        waiting=waiting,
        wanted=wanted,
        state=state,
        states=_STATES,
        scheme_id=scheme_id,
        schemes=_schemes(request),
        query=query,
        numbers=any(one.numbered_by_id == own for one in page.items),
        makes=any(one.made_by_id == own for one in page.items),
    )


@routes.get("/cards/waiting")
async def waiting(request: web.Request) -> web.Response:
    """Who passed and is not reported yet."""
    scheme_id = request.query.get("scheme", "")
    async with unit_of_work(request) as work:
        found = await CardService(work).waiting(actor(request), scheme_id=scheme_id or None)
    return render(request, "cards_waiting.html", found=found, scheme_id=scheme_id, schemes=_schemes(request))


@routes.post("/cards/waiting")
async def report(request: web.Request) -> web.Response:
    """Tell the province who passed."""
    async with unit_of_work(request) as work:
        await CardService(work).report(actor(request), _picked(request))
    raise go(f"/cards?state={CardState.AWAITING_NUMBER}", done="cards_reported")


@routes.post("/cards/{step:number|make|hand-out}")
async def step(request: web.Request) -> web.Response:
    """Number, make or hand out the cards that were ticked."""
    name = request.match_info["step"]
    async with unit_of_work(request) as work:
        service = CardService(work)
        steps: dict[str, Callable[[Any, Collection[UUID]], Awaitable[tuple[CardView, ...]]]] = {
            "number": service.number,
            "make": service.make,
            "hand-out": service.hand_out,
        }
        await steps[name](actor(request), _picked(request))
    done, state = _STEPS[name]
    raise go(f"/cards?state={state}", done=done)


@routes.post("/cards/print")
async def print_sheet(request: web.Request) -> web.Response:
    """The cards that were ticked, ten on a page of A4; logged."""
    async with unit_of_work(request) as work:
        content = await CardService(work).print_sheet(actor(request), _picked(request))
    return download(content, "证卡.pdf", "application/pdf")


@routes.get("/cards/{id}")
async def show(request: web.Request) -> web.Response:
    """One card with its copies and what cancels it."""
    return await _card_page(request)


@routes.post("/cards/{id}/{act:propose-copy|copy|renew|decline-copy}")
async def print_anew(request: web.Request) -> web.Response:
    """补发、换发、复核: a new copy is proposed, issued, or not issued."""
    card_id, act, who = path_id(request), request.match_info["act"], actor(request)
    try:
        async with unit_of_work(request) as work:
            # Whoever may not see it learns nothing from what is wrong with the form.
            await CardRegister(work).show(who, card_id)
            service, reason = CopyService(work), text(request, "reason")
            if act == "renew":
                await service.renew(who, card_id, reason)
            elif act == "decline-copy":
                await service.decline(who, card_id, reason)
            else:
                cause = CopyCause(forms.one_of(request, "cause", "原因", _CAUSES))
                await (service.issue if act == "copy" else service.propose)(who, card_id, cause, reason)
    except ServiceError as error:
        if error.kind in ("not_found", "forbidden"):
            raise
        return await _card_page(request, error=refusals.error(error))
    raise go(f"/cards/{card_id}", done=_ANEW[act])


async def _card_page(request: web.Request, *, error: str = "") -> web.Response:
    async with unit_of_work(request) as work:
        one = await CardRegister(work).show(actor(request), path_id(request))
        cancellations = await CancellationService(work).list_of(actor(request), one.id)
        void = await CopyService(work).void_copies(actor(request), one.id)
        today = local_day(work.now)
    standing = one.state in STANDING and not one.expired
    return render(
        request,
        "card.html",
        one=one,
        cancellations=cancellations,
        me=actor(request).id,
        decides=actor(request).organisation_id in (one.made_by_id, one.numbered_by_id),
        makes=actor(request).organisation_id == one.made_by_id,
        void=void,
        standing=standing,
        on_paper=one.state in (CardState.MADE, CardState.HANDED_OUT),
        renewable=standing and one.renewal_opens_on is not None and today >= one.renewal_opens_on,
        causes=_CAUSES,
        typed=forms.typed(request),
        error=error,
        status=422 if error else 200,
    )


@routes.get("/cards/{id}/cancel")
async def ask_cancel(request: web.Request) -> web.Response:
    """A second look, with reason and evidence, before a qualification is taken away."""
    return await _cancel_page(request)


@routes.post("/cards/{id}/cancel")
async def cancel(request: web.Request) -> web.Response:
    """取消 at once, or 永久取消 for somebody else to confirm."""
    card_id, for_ever = path_id(request), text(request, "measure") == "for_ever"
    file = upload(request, "file")
    try:
        async with unit_of_work(request) as work:
            service = CancellationService(work)
            act = service.propose_for_ever if for_ever else service.cancel
            await act(
                actor(request), card_id, text(request, "reason"), text(request, "evidence"), file and file[1]
            )
    except ServiceError as error:
        if error.kind != "invalid":
            raise
        return await _cancel_page(request, error=refusals.error(error))
    raise go(f"/cards/{card_id}", done="for_ever_proposed" if for_ever else "card_cancelled")


@routes.post("/cancellations/{id}/confirm")
async def confirm(request: web.Request) -> web.Response:
    """The second person agrees."""
    async with unit_of_work(request) as work:
        service = CancellationService(work)
        card_id = await service.subject(actor(request), path_id(request))
        await service.confirm(actor(request), path_id(request))
    raise go(f"/cards/{card_id}", done="for_ever_confirmed")


@routes.post("/cancellations/{id}/decline")
async def decline(request: web.Request) -> web.Response:
    """The second person does not agree."""
    async with unit_of_work(request) as work:
        service = CancellationService(work)
        card_id = await service.subject(actor(request), path_id(request))
        await service.decline(actor(request), path_id(request), text(request, "reason"))
    raise go(f"/cards/{card_id}", done="for_ever_declined")


@routes.post("/cancellations/{id}/lift")
async def lift(request: web.Request) -> web.Response:
    """After an objection: the person may apply again."""
    async with unit_of_work(request) as work:
        service = CancellationService(work)
        card_id = await service.subject(actor(request), path_id(request))
        await service.lift(actor(request), path_id(request), text(request, "reason"))
    raise go(f"/cards/{card_id}", done="for_ever_lifted")


@routes.get("/cancellations/{id}/file")
async def evidence(request: web.Request) -> web.Response:
    """The paper that shows it; the look is logged."""
    async with unit_of_work(request) as work:
        content, media_type = await CancellationService(work).file(actor(request), path_id(request))
    return download(content, "依据材料" + (".pdf" if media_type.endswith("pdf") else ".jpg"), media_type)


def _picked(request: web.Request) -> list[UUID]:
    """The rows that were ticked. Raises NotFoundError for what is no id."""
    picked = [query_id(str(value)) for value in form(request).getall("pick", [])]
    if None in picked:
        raise NotFoundError("access.not_found")
    return [one for one in picked if one is not None]


async def _cancel_page(request: web.Request, *, error: str = "") -> web.Response:
    async with unit_of_work(request) as work:
        one = await CardRegister(work).show(actor(request), path_id(request))
    return render(
        request,
        "card_cancel.html",
        one=one,
        typed=forms.typed(request),
        error=error,
        status=422 if error else 200,
    )


def _schemes(request: web.Request) -> list[tuple[str, str]]:
    """Those that end in a card."""
    catalogue = tools(request).schemes
    return [one for one in schemes(request) if catalogue.current(one[0]).card is not None]
