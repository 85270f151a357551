"""Changes of personal data: what waits, one request with its proofs, deciding, filing for somebody (E8)."""

from uuid import UUID

from aiohttp import web

from handlers.console import forms, refusals
from handlers.console.blacklist import file_response
from handlers.console.context import actor, go, page_number, path_id, query_id, text, unit_of_work, upload
from handlers.console.pages import render
from services.changes import ChangeDesk
from services.errors import ServiceError
from services.models import ChangeState
from services.rules.errors import InvalidValueError

routes = web.RouteTableDef()

_STATES = (ChangeState.PENDING, ChangeState.APPROVED, ChangeState.REFUSED, ChangeState.WITHDRAWN)


@routes.get("/changes")
async def lines(request: web.Request) -> web.Response:
    """What waits for one's organisation, the longest waiting first; else all that it may see."""
    return await _list(request)


@routes.get("/changes/new")
async def ask(request: web.Request) -> web.Response:
    """The form for somebody, by enrolment (`?enrolment=`) or running number (`?number=`)."""
    enrolment_id, number = query_id(request.query.get("enrolment", "")), request.query.get("number", "")
    if enrolment_id is None:
        try:
            if not (number.isascii() and number.isdigit() and len(number) < 10):
                raise forms.FormError("form.number", label="报名号")
            async with unit_of_work(request) as work:
                enrolment_id = await ChangeDesk(work).find_enrolment(actor(request), int(number))
        except ServiceError as error:
            return await _list(request, error=refusals.error(error))
    return await _form(request, enrolment_id)


@routes.post("/changes/new")
async def file_for(request: web.Request) -> web.Response:
    """File a request for somebody."""
    enrolment_id, file = forms.chosen_id(request, "enrolment", "报名"), upload(request, "file")
    try:
        async with unit_of_work(request) as work:
            line = await ChangeDesk(work).file_for(
                actor(request),
                enrolment_id,
                forms.required(request, "field", "变更项目"),
                forms.required(request, "value", "新内容"),
                reason=text(request, "reason"),
                files=(file,) if file is not None else (),
            )
    except (ServiceError, InvalidValueError) as error:
        if isinstance(error, ServiceError) and error.kind in ("not_found", "forbidden"):
            raise
        return await _form(request, enrolment_id, error=refusals.error(error))
    raise go(f"/changes/{line.id}", done="change_filed")


@routes.get("/changes/{id}")
async def show(request: web.Request) -> web.Response:
    """One request."""
    return await _page(request)


@routes.post("/changes/{id}/reveal")
async def reveal(request: web.Request) -> web.Response:
    """Old and new value in full; that somebody looked is logged."""
    async with unit_of_work(request) as work:
        values = await ChangeDesk(work).reveal(actor(request), path_id(request))
    return await _page(request, revealed=values)


@routes.post("/changes/{id}/approve")
async def approve(request: web.Request) -> web.Response:
    """Pass it on, or change the data after the last stage."""
    try:
        async with unit_of_work(request) as work:
            line = await ChangeDesk(work).approve(actor(request), path_id(request), text(request, "note"))
    except (ServiceError, InvalidValueError) as error:
        return await _refused(request, error)
    done = "change_approved" if line.state is ChangeState.APPROVED else "change_passed_on"
    raise go(f"/changes/{path_id(request)}", done=done)


@routes.post("/changes/{id}/refuse")
async def refuse(request: web.Request) -> web.Response:
    """Nothing is changed, with the reason that the person reads."""
    try:
        async with unit_of_work(request) as work:
            await ChangeDesk(work).refuse(actor(request), path_id(request), text(request, "reason"))
    except (ServiceError, InvalidValueError) as error:
        return await _refused(request, error)
    raise go(f"/changes/{path_id(request)}", done="change_refused")


@routes.get("/change-files/{id}")
async def proof(request: web.Request) -> web.Response:
    """A proof; the look is logged."""
    async with unit_of_work(request) as work:
        content, media_type, title = await ChangeDesk(work).file(actor(request), path_id(request))
    return await file_response(request, content, media_type, title)


async def _refused(request: web.Request, error: ServiceError | InvalidValueError) -> web.Response:
    if isinstance(error, ServiceError) and error.kind == "not_found":
        raise error
    return await _page(request, error=refusals.error(error))


async def _list(request: web.Request, *, error: str = "") -> web.Response:
    state = request.query.get("state", "waiting")
    async with unit_of_work(request) as work:
        page = await ChangeDesk(work).queue(
            actor(request),
            waiting=state == "waiting",
            state=state if state in _STATES else None,
            page=page_number(request),
        )
    return render(
        request,
        "changes.html",
        page=page,
        state=state,
        states=_STATES,
        error=error,
        status=422 if error else 200,
    )


async def _form(request: web.Request, enrolment_id: UUID, *, error: str = "") -> web.Response:
    async with unit_of_work(request) as work:
        one = await ChangeDesk(work).askable(actor(request), enrolment_id)
    return render(
        request,
        "change_new.html",
        one=one,
        typed=forms.typed(request),
        error=error,
        status=422 if error else 200,
    )


async def _page(
    request: web.Request, *, error: str = "", revealed: tuple[str, str] | None = None
) -> web.Response:
    async with unit_of_work(request) as work:
        one = await ChangeDesk(work).show(actor(request), path_id(request))
    return render(
        request,
        "change.html",
        one=one,
        line=one.line,
        revealed=revealed,
        typed=forms.typed(request),
        error=error,
        status=422 if error else 200,
    )
