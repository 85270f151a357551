"""The blacklist: the list, a look at one number, proposing, hearing, deciding, lifting (C7)."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from handlers.console import forms, refusals
from handlers.console.carrying_out import carry_out
from handlers.console.context import (
    actor,
    go,
    page_number,
    path_id,
    query_id,
    text,
    unit_of_work,
    upload,
)
from handlers.console.enrolments import picture_response
from handlers.console.pages import download, render
from services import attachments
from services.blacklist import BlacklistService, HearingService
from services.blacklist.proposing import Charge
from services.enrolments.review import ReviewService
from services.errors import ServiceError
from services.models import BlacklistState
from services.rules.errors import InvalidValueError
from services.schemes.models import Scheme
from services.unit_of_work import Work

routes = web.RouteTableDef()

_STATES = tuple(BlacklistState)


@routes.get("/blacklist")
async def lines(request: web.Request) -> web.Response:
    """Entries of one's organisation, or of all that it oversees, and the look at one number."""
    return await _list(request)


@routes.post("/blacklist/check")
async def check(request: web.Request) -> web.Response:
    """Whether the bearer of a number is barred, until when, and whom to ask; the look is logged."""
    try:
        number = forms.required(request, "number", "身份证号")
        async with unit_of_work(request) as work:
            bar = await BlacklistService(work).check(actor(request), text(request, "list"), number)
    except (ServiceError, InvalidValueError) as error:
        return await _list(request, error=refusals.error(error))
    return await _list(request, checked=True, bar=bar)


@routes.get("/blacklist/new")
async def ask(request: web.Request) -> web.Response:
    """The form of a proposal, from an enrolment (`?enrolment=`) or by number."""
    return await _form(request)


@routes.post("/blacklist/new")
async def propose(request: web.Request) -> web.Response:
    """Propose somebody; the person is told and heard first."""
    enrolment_id, file = query_id(text(request, "enrolment")), upload(request, "file")
    charge = Charge(
        reason=text(request, "reason"),
        allegation=text(request, "allegation"),
        papers=text(request, "papers"),
        files=(file,) if file is not None else (),
    )
    try:
        async with unit_of_work(request) as work:
            service = BlacklistService(work)
            if enrolment_id is not None:
                one = await service.propose(actor(request), enrolment_id, charge)
            else:
                one = await service.propose_by_number(
                    actor(request),
                    text(request, "list"),
                    forms.required(request, "number", "身份证号"),
                    forms.required(request, "name", "姓名"),
                    charge,
                )
    except (ServiceError, InvalidValueError) as error:
        if isinstance(error, ServiceError) and error.kind in ("not_found", "forbidden"):
            raise
        return await _form(request, error=refusals.error(error))
    raise go(f"/blacklist/{one.line.id}", done="blacklist_proposed")


@routes.get("/blacklist/{id}")
async def show(request: web.Request) -> web.Response:
    """One entry, with what the person says; that it was read is kept."""
    return await _page(request)


@routes.post("/blacklist/{id}/serve")
async def serve(request: web.Request) -> web.Response:
    """The person was told on paper."""

    async def verb(work: Work) -> None:
        day = forms.day(request, "served_on", "送达日期")
        await BlacklistService(work).serve(actor(request), path_id(request), day)

    return await _carry_out(request, verb, "blacklist_served")


@routes.post("/blacklist/{id}/statement")
async def take_statement(request: web.Request) -> web.Response:
    """What the person handed in on paper."""

    async def verb(work: Work) -> None:
        file = upload(request, "file")
        files = (file,) if file is not None else ()
        await HearingService(work).take_paper(
            actor(request), path_id(request), text(request, "statement"), files
        )

    return await _carry_out(request, verb, "blacklist_stated")


@routes.post("/blacklist/{id}/evidence")
async def add_evidence(request: web.Request) -> web.Response:
    """One more file against the person."""

    async def verb(work: Work) -> None:
        filename, content = upload(request, "file") or ("", b"")
        await BlacklistService(work).add_evidence(actor(request), path_id(request), filename, content)

    return await _carry_out(request, verb, "blacklist_evidence")


@routes.post("/blacklist/{id}/confirm")
async def confirm(request: web.Request) -> web.Response:
    """Bar the person."""

    async def verb(work: Work) -> None:
        await BlacklistService(work).confirm(actor(request), path_id(request), text(request, "reason"))

    return await _carry_out(request, verb, "blacklist_confirmed")


@routes.post("/blacklist/{id}/dismiss")
async def dismiss(request: web.Request) -> web.Response:
    """Not barred."""

    async def verb(work: Work) -> None:
        await BlacklistService(work).dismiss(actor(request), path_id(request), text(request, "reason"))

    return await _carry_out(request, verb, "blacklist_dismissed")


@routes.post("/blacklist/{id}/lift")
async def propose_lift(request: web.Request) -> web.Response:
    """Propose to end it before its day."""

    async def verb(work: Work) -> None:
        await BlacklistService(work).propose_lift(actor(request), path_id(request), text(request, "reason"))

    return await _carry_out(request, verb, "blacklist_lift_proposed")


@routes.post("/blacklist/{id}/lift/confirm")
async def confirm_lift(request: web.Request) -> web.Response:
    """End it."""

    async def verb(work: Work) -> None:
        await BlacklistService(work).confirm_lift(actor(request), path_id(request))

    return await _carry_out(request, verb, "blacklist_lifted")


@routes.post("/blacklist/{id}/lift/decline")
async def decline_lift(request: web.Request) -> web.Response:
    """It stays in force."""

    async def verb(work: Work) -> None:
        await BlacklistService(work).decline_lift(actor(request), path_id(request), text(request, "reason"))

    return await _carry_out(request, verb, "blacklist_lift_declined")


@routes.get("/blacklist-files/{id}")
async def file(request: web.Request) -> web.Response:
    """A picture is shown, a PDF is saved; the look is logged."""
    async with unit_of_work(request) as work:
        content, media_type, title = await BlacklistService(work).file(actor(request), path_id(request))
    return await file_response(request, content, media_type, title)


async def file_response(request: web.Request, content: bytes, media_type: str, title: str) -> web.Response:
    """An attachment as a browser may have it."""
    if media_type == attachments.PDF:
        return download(content, title or "附件.pdf", media_type)
    return await picture_response(request, content, media_type)


async def _carry_out(
    request: web.Request, verb: Callable[[Work], Awaitable[None]], done: str
) -> web.Response:
    return await carry_out(request, verb, page=_page, back_to=f"/blacklist/{path_id(request)}", done=done)


async def _list(
    request: web.Request, *, error: str = "", checked: bool = False, bar: object = None
) -> web.Response:
    state = request.query.get("state", "")
    async with unit_of_work(request) as work:
        service = BlacklistService(work)
        page = await service.list_lines(
            actor(request), state=state if state in _STATES else None, page=page_number(request)
        )
        lists = await service.lists(actor(request))
    return render(
        request,
        "blacklist.html",
        page=page,
        state=state,
        states=_STATES,
        lists=lists,
        checked=checked,
        bar=bar,
        error=error,
        status=422 if error else 200,
    )


async def _form(request: web.Request, *, error: str = "") -> web.Response:
    given = text(request, "enrolment") or request.query.get("enrolment", "")
    enrolment_id, about, schemes = query_id(given), None, tuple[Scheme, ...]()
    async with unit_of_work(request) as work:
        if enrolment_id is not None:
            about = await ReviewService(work).show(actor(request), enrolment_id)
        else:
            schemes = await BlacklistService(work).lists(actor(request))
    scheme = about.scheme if about is not None else next(iter(schemes), None)
    return render(
        request,
        "blacklist_new.html",
        about=about,
        schemes=schemes,
        blacklist=scheme.blacklist if scheme is not None else None,
        typed=forms.typed(request),
        error=error,
        status=422 if error else 200,
    )


async def _page(request: web.Request, *, error: str = "") -> web.Response:
    async with unit_of_work(request) as work:
        one = await BlacklistService(work).show(actor(request), path_id(request))
        today = work.now
    return render(
        request,
        "blacklist_entry.html",
        one=one,
        line=one.line,
        obstacle=refusals.problem(one.obstacle, **one.obstacle_facts) if one.obstacle else "",
        today=today,
        typed=forms.typed(request),
        error=error,
        status=422 if error else 200,
    )
