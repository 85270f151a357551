"""Certificates: the list, issuing, what could not be made, and suspending, restoring or revoking with a second look."""

from typing import Final

from aiohttp import web

from handlers.console import forms, refusals
from handlers.console.context import actor, go, page_number, path_id, text, unit_of_work
from handlers.console.enrolments import schemes
from handlers.console.pages import download, render
from services.certificates import CertificateService, UnmadePaperService
from services.errors import NotFoundError, ServiceError
from services.models import CertificateState

routes = web.RouteTableDef()

_STATES = tuple(CertificateState)
#: What can be done → the key of what is said afterwards.
_CHANGES: Final = {
    "suspend": "certificate_suspended",
    "restore": "certificate_restored",
    "revoke": "certificate_revoked",
    "replace": "certificate_replaced",
}


@routes.get("/certificates")
async def lines(request: web.Request) -> web.Response:
    """Certificates by state, scheme, number or name, the newest first."""
    state, scheme_id = request.query.get("state", ""), request.query.get("scheme", "")
    query = request.query.get("q", "").strip()
    async with unit_of_work(request) as work:
        unmade = await UnmadePaperService(work).list_lines(actor(request))
        page = await CertificateService(work).list_lines(
            actor(request),
            state=state if state in _STATES else None,
            scheme_id=scheme_id or None,
            query=query,
            page=page_number(request),
            per_page=25,
        )
    return render(
        request,
        "certificates.html",
        page=page,
        unmade=unmade,
        state=state,
        states=_STATES,
        scheme_id=scheme_id,
        schemes=schemes(request),
        query=query,
    )


@routes.get("/certificates/{id}")
async def show(request: web.Request) -> web.Response:
    """One certificate."""
    async with unit_of_work(request) as work:
        service = CertificateService(work)
        one = await service.show(actor(request), path_id(request))
        outdated = await service.is_outdated(one.id)
        paper_state = await UnmadePaperService(work).state_of(actor(request), one.id)
    return render(request, "certificate.html", outdated=outdated, one=one, paper_state=paper_state)


@routes.get("/certificates/{id}/paper.pdf")
async def paper(request: web.Request) -> web.Response:
    """The paper; the look is logged."""
    async with unit_of_work(request) as work:
        service = CertificateService(work)
        one = await service.show(actor(request), path_id(request))
        content = await service.paper(actor(request), one.id)
    return download(content, f"{one.title} {one.number}.pdf", "application/pdf")


@routes.get("/certificates/{id}/public")
async def public(request: web.Request) -> web.Response:
    """On to the page that anybody sees who scans it."""
    async with unit_of_work(request) as work:
        service = CertificateService(work)
        one = await service.show(actor(request), path_id(request))
        link = await service.link(one.id)
    raise web.HTTPSeeOther(link)


@routes.post("/certificates/{id}/retry")
async def retry(request: web.Request) -> web.Response:
    """Have a paper made that could not be made before."""
    async with unit_of_work(request) as work:
        await UnmadePaperService(work).retry(actor(request), path_id(request))
    raise go("/certificates", done="paper_retried")


@routes.get("/certificates/{id}/{change:suspend|restore|revoke|replace}")
async def ask_change(request: web.Request) -> web.Response:
    """A second look before its state changes."""
    return await _change_page(request)


@routes.post("/certificates/{id}/{change:suspend|restore|revoke|replace}")
async def change(request: web.Request) -> web.Response:
    """Suspend, restore, revoke or replace it, with a reason."""
    name, certificate_id, reason = request.match_info["change"], path_id(request), text(request, "reason")
    try:
        async with unit_of_work(request) as work:
            service = CertificateService(work)
            match name:
                case "suspend":
                    await service.suspend(actor(request), certificate_id, reason)
                case "restore":
                    await service.restore(actor(request), certificate_id, reason)
                case "replace":
                    certificate_id = (await service.replace(actor(request), certificate_id, reason)).id
                case _:
                    await service.revoke(actor(request), certificate_id, reason)
    except ServiceError as error:
        if error.kind != "invalid":
            raise
        return await _change_page(request, error=refusals.error(error))
    raise go(f"/certificates/{certificate_id}", done=_CHANGES[name])


@routes.post("/enrolments/{id}/certificate")
async def issue(request: web.Request) -> web.Response:
    """Issue the certificate of one who passed."""
    async with unit_of_work(request) as work:
        one = await CertificateService(work).issue(actor(request), path_id(request))
    raise go(f"/certificates/{one.id}", done="certificate_issued")


@routes.post("/sittings/{id}/certificates")
async def issue_for_sitting(request: web.Request) -> web.Response:
    """Issue the certificates of all who passed a sitting."""
    sitting_id = path_id(request)
    async with unit_of_work(request) as work:
        issued = await CertificateService(work).issue_for_sitting(actor(request), sitting_id)
    if not issued:
        raise NotFoundError("certificate.nobody_waits")
    raise go(f"/sittings/{sitting_id}", done="certificates_issued")


async def _change_page(request: web.Request, *, error: str = "") -> web.Response:
    async with unit_of_work(request) as work:
        one = await CertificateService(work).show(actor(request), path_id(request))
    return render(
        request,
        "certificate_change.html",
        one=one,
        change=request.match_info["change"],
        typed=forms.typed(request),
        error=error,
        status=422 if error else 200,
    )
