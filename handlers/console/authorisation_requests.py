"""分中心申请: figures, papers and people by the applicant; review, visit, agreement and grant by the society (C1, C2, C9)."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Final, Literal
from urllib.parse import quote
from uuid import UUID

from aiohttp import web

from handlers.console import authorisation_texts, forms, refusals, texts
from handlers.console.context import actor, form, go, path_id, text, unit_of_work, upload
from handlers.console.pages import download, render
from services.authorisation import papers, printed, scopes
from services.authorisation.measures import measures
from services.authorisation.members import MemberService
from services.authorisation.requests import RequestService
from services.authorisation.reviewing import RequestReviewService
from services.errors import ForbiddenError, NotFoundError, ServiceError
from services.rules.authorisation import Figures
from services.rules.localtime import local_day
from services.typesetting.fonts import UnprintableTextError
from services.typesetting.form import render_form
from services.unit_of_work import Work
from storage.authorisation_states import FileKind, MemberKind

routes = web.RouteTableDef()

#: Papers of an application; undertakings go with a person.
_KINDS: Final = tuple(kind for kind in FileKind if kind is not FileKind.UNDERTAKING)
Step = Callable[[Work, UUID], Awaitable[object]]


@routes.post("/authorisations/apply")
async def apply(request: web.Request) -> web.Response:
    """Begin an application, or go on with the one under way."""
    async with unit_of_work(request) as work:
        view = await RequestService(work).begin(actor(request))
    raise go(f"/authorisation-requests/{view.id}")


@routes.get("/authorisation-requests/{id}")
async def show(request: web.Request) -> web.Response:
    """One application, for the applicant or the society."""
    return await _page(request)


@routes.post("/authorisation-requests/{id}/figures")
async def figures(request: web.Request) -> web.Response:
    """Keep the figures and the scope that is applied for."""

    async def keep(work: Work, request_id: UUID) -> object:
        wanted = [value for value in form(request).getall("scope", []) if isinstance(value, str)]
        return await RequestService(work).change(actor(request), request_id, _figures(request), wanted)

    return await _step(request, keep, "request_saved")


@routes.post("/authorisation-requests/{id}/papers")
async def attach(request: web.Request) -> web.Response:
    """Add a paper."""

    async def keep(work: Work, request_id: UUID) -> object:
        kind = FileKind(forms.one_of(request, "kind", "材料种类", _KINDS))
        filename, content = upload(request, "file") or ("", b"")
        return await RequestService(work).attach(actor(request), request_id, kind, filename, content)

    return await _step(request, keep, "paper_added")


@routes.post("/authorisation-requests/{id}/submit")
async def submit(request: web.Request) -> web.Response:
    """Hand it in."""
    return await _step(
        request, lambda work, key: RequestService(work).submit(actor(request), key), "request_submitted"
    )


@routes.post("/authorisation-requests/{id}/pass")
async def pass_papers(request: web.Request) -> web.Response:
    """书面审查通过."""
    return await _step(
        request,
        lambda work, key: RequestReviewService(work).pass_papers(actor(request), key),
        "request_on_site",
    )


@routes.post("/authorisation-requests/{id}/return")
async def return_papers(request: web.Request) -> web.Response:
    """书面审查不通过: everything goes back."""
    return await _step(
        request,
        lambda work, key: RequestReviewService(work).return_papers(
            actor(request), key, text(request, "reason")
        ),
        "request_returned",
    )


@routes.post("/authorisation-requests/{id}/visit")
async def visit(request: web.Request) -> web.Response:
    """实地审核."""
    outcome: Literal["qualified", "failed"] = (
        "failed" if text(request, "outcome") == "failed" else "qualified"
    )
    return await _step(
        request,
        lambda work, key: RequestReviewService(work).record_visit(
            actor(request),
            key,
            experts=forms.lines(request, "experts"),
            visited_on=forms.day(request, "visited_on", "实地审核日期"),
            findings=text(request, "findings"),
            outcome=outcome,
        ),
        "request_visited",
    )


@routes.post("/authorisation-requests/{id}/agreement")
async def sign(request: web.Request) -> web.Response:
    """合作协议."""
    return await _step(
        request,
        lambda work, key: RequestReviewService(work).sign(
            actor(request),
            key,
            number=text(request, "number"),
            agreed_on=forms.day(request, "agreed_on", "签订日期"),
            agreed_until=forms.day(request, "agreed_until", "截止日期")
            if text(request, "agreed_until")
            else None,
        ),
        "request_agreed",
    )


@routes.post("/authorisation-requests/{id}/grant")
async def grant(request: web.Request) -> web.Response:
    """授权: first a second look at what is given, then the grant."""
    request_id = path_id(request)
    try:
        if "confirmed" not in form(request):
            return await _second_look(request)
        async with unit_of_work(request) as work:
            authorisation_id = await RequestReviewService(work).grant(
                actor(request),
                request_id,
                plaque_number=text(request, "plaque"),
                document_number=text(request, "document"),
                scope=[value for value in form(request).getall("scope", []) if isinstance(value, str)],
            )
    except ServiceError as error:
        return await _refused(request, error)
    raise go(f"/authorisations/{authorisation_id}", done="authorisation_granted")


@routes.get("/authorisation-requests/{id}/form")
async def form_to_seal(request: web.Request) -> web.Response:
    """The application as a form on A4, to be signed and sealed."""
    try:
        async with unit_of_work(request) as work:
            one = await RequestService(work).show(actor(request), path_id(request))
            sheet, code = printed.sheet(
                one, scopes.offered(work), words=texts.label, printed_on=local_day(work.now)
            )
        content = await asyncio.to_thread(render_form, sheet)
    except UnprintableTextError as error:
        words = f"申请里有打印不出的字：{'、'.join(error.characters)}。请换成通用字后再打印。"
        return await _page(request, error=words, status=422)
    except ServiceError as error:
        return await _refused(request, error)
    return download(content, f"分中心申请表-{code}.pdf", "application/pdf")


@routes.get("/authorisation-papers/{id}")
async def paper(request: web.Request) -> web.Response:
    """A paper to read; the look is logged."""
    async with unit_of_work(request) as work:
        content, media_type, filename = await papers.read(work, actor(request), path_id(request))
    return web.Response(
        body=content,
        content_type=media_type,
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(filename)}"},
    )


@routes.post("/authorisation-papers/{id}/remove")
async def detach(request: web.Request) -> web.Response:
    """Take a paper of a draft away."""
    async with unit_of_work(request) as work:
        view = await RequestService(work).detach(actor(request), path_id(request))
    raise go(f"/authorisation-requests/{view.id}", done="paper_removed")


@routes.get("/authorisation-members")
async def people(request: web.Request) -> web.Response:
    """Teachers and assessors of one's organisation."""
    return await _people(request)


@routes.post("/authorisation-members")
async def add_member(request: web.Request) -> web.Response:
    """Add one."""
    try:
        async with unit_of_work(request) as work:
            await MemberService(work).add(
                actor(request),
                kind=MemberKind(forms.one_of(request, "kind", "类别", MemberKind)),
                name=text(request, "name"),
                occupation=text(request, "occupation"),
                title=text(request, "title"),
                certificate_number=text(request, "certificate"),
                undertaking_on=forms.day(request, "undertaking_on", "承诺书签字日期")
                if text(request, "undertaking_on")
                else None,
                undertaking=upload(request, "undertaking"),
            )
    except ServiceError as error:
        return await _people(request, error=refusals.error(error), status=422)
    raise go("/authorisation-members", done="member_added")


@routes.post("/authorisation-members/{id}/leave")
async def leave(request: web.Request) -> web.Response:
    """Somebody left."""
    async with unit_of_work(request) as work:
        await MemberService(work).leave(actor(request), path_id(request))
    raise go("/authorisation-members", done="member_left")


async def _step(request: web.Request, step: Step, done: str) -> web.Response:
    request_id = path_id(request)
    try:
        async with unit_of_work(request) as work:
            await step(work, request_id)
    except ServiceError as error:
        return await _refused(request, error)
    raise go(f"/authorisation-requests/{request_id}", done=done)


async def _refused(request: web.Request, error: ServiceError) -> web.Response:
    if isinstance(error, NotFoundError | ForbiddenError):
        raise error
    return await _page(request, error=refusals.error(error), status=422)


async def _second_look(request: web.Request) -> web.Response:
    """Whom is given what, and what they may do then."""
    plaque = forms.required(request, "plaque", "铜牌编号")
    document = forms.required(request, "document", "授权文件文号")
    ticked = [value for value in form(request).getall("scope", []) if isinstance(value, str)]
    async with unit_of_work(request) as work:
        await RequestReviewService(work).ensure_grantable(actor(request), path_id(request), ticked)
        one = await RequestService(work).show(actor(request), path_id(request))
    return render(
        request,
        "authorisation_grant.html",
        one=one,
        plaque=plaque,
        document=document,
        given=[item for item in one.wanted if item.key in ticked],
        withheld=[item for item in one.wanted if item.key not in ticked],
    )


async def _page(request: web.Request, *, error: str = "", status: int = 200) -> web.Response:
    who = actor(request)
    async with unit_of_work(request) as work:
        one = await RequestService(work).show(who, path_id(request))
        occupations, offered = scopes.occupations(work), scopes.offered(work)
    typed = forms.typed(request)
    return render(
        request,
        "authorisation_request.html",
        one=one,
        is_own=who.organisation_id == one.organisation_id,
        unmet=[authorisation_texts.condition(item, occupations) for item in one.unmet],
        offered=offered,
        kinds=_KINDS,
        conditions=measures().conditions,
        typed=typed,
        figures=one.figures,
        error=error,
        status=status,
    )


async def _people(request: web.Request, *, error: str = "", status: int = 200) -> web.Response:
    who = actor(request)
    if who.organisation_id is None:
        raise NotFoundError("access.not_found")
    async with unit_of_work(request) as work:
        members = await MemberService(work).list_(who, who.organisation_id)
        occupations = scopes.occupations(work)
    return render(
        request,
        "authorisation_members.html",
        members=members,
        occupations=occupations,
        titles=measures().conditions.titles,
        typed=forms.typed(request),
        error=error,
        status=status,
    )


def _figures(request: web.Request) -> Figures:
    hired = text(request, "equipment") == "hired"
    return Figures(
        premises_owned=text(request, "premises") == "owned",
        premises_m2=forms.number(request, "premises_m2", "场地面积"),
        seats=forms.whole(request, "seats", "可同时培训人数"),
        stations=forms.whole(request, "stations", "实习工位数"),
        equipment_hired=hired,
        lease_years=_years(request) if hired and text(request, "lease_years") else None,
        department=text(request, "department"),
        dedicated_staff=forms.whole(request, "dedicated_staff", "专职人员数"),
    )


def _years(request: web.Request) -> Decimal:
    return forms.number(request, "lease_years", "租用年限")
