"""Putting an applicant's account on file, before the stage that asks for it is passed (E5)."""

from aiohttp import web

from handlers.console import forms, refusals
from handlers.console.context import actor, go, path_id, text, unit_of_work
from handlers.console.pages import render
from services.enrolments.account_registration import appointing, register_account
from services.enrolments.review import ReviewService
from services.errors import ConflictError, ServiceError
from services.models import AccountOrigin
from services.rules.localtime import local_day

routes = web.RouteTableDef()


@routes.get("/enrolments/{id}/account")
async def ask(request: web.Request) -> web.Response:
    """The form."""
    return await _page(request)


@routes.post("/enrolments/{id}/account")
async def register(request: web.Request) -> web.Response:
    """Keep the account, and for a new one the day on which its password was mailed."""
    enrolment_id = path_id(request)
    existing = text(request, "origin") == AccountOrigin.EXISTING
    try:
        mailed_on = None
        if not existing and text(request, "mailed_on"):
            mailed_on = forms.day(request, "mailed_on", "密码发送日期")
        async with unit_of_work(request) as work:
            await register_account(
                work,
                actor(request),
                enrolment_id,
                login=text(request, "login"),
                origin=AccountOrigin.EXISTING if existing else AccountOrigin.CREATED,
                mailed_on=mailed_on,
                number=text(request, "number") if existing else "",
            )
    except ServiceError as error:
        if error.kind in ("not_found", "forbidden"):
            raise
        return await _page(request, error=refusals.error(error))
    raise go(f"/enrolments/{enrolment_id}", done="account_registered")


async def _page(request: web.Request, *, error: str = "") -> web.Response:
    async with unit_of_work(request) as work:
        detail = await ReviewService(work).show(actor(request), path_id(request))
        about = await appointing(work, detail.id)
        today = local_day(work.now)
    if about is None:
        raise ConflictError("account.not_now")
    return render(
        request,
        "account.html",
        one=detail,
        about=about,
        today=today,
        typed=forms.typed(request),
        error=error,
        status=422 if error else 200,
    )
