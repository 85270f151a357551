"""Importing hours, scores and lists of logins: upload, dry run with its report, and one button that does it for real."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from handlers.console import refusals
from handlers.console.context import actor, query_id, text, unit_of_work, upload
from handlers.console.forms import FormError
from handlers.console.pages import download, render
from services.appointments.rosters import RosterService
from services.desk.uploads import Upload, UploadService
from services.errors import NotFoundError, ServiceError
from services.exams.results import ResultService
from services.exams.sittings import SittingService
from services.imports import ImportReport
from services.models import Actor, SittingState
from services.study.service import StudyService
from services.unit_of_work import Work

routes = web.RouteTableDef()


@dataclass(frozen=True, kw_only=True)
class _Kind:
    """One kind of import."""

    template: str
    run: Callable[[Work, Actor, Upload, bool], Awaitable[ImportReport]]


async def _hours(work: Work, who: Actor, file: Upload, dry_run: bool) -> ImportReport:
    return await StudyService(work).import_hours(who, file.filename, file.content, dry_run=dry_run)


async def _scores(work: Work, who: Actor, file: Upload, dry_run: bool) -> ImportReport:
    return await ResultService(work).import_scores(
        who, file.filename, file.content, sitting_code=file.about, dry_run=dry_run
    )


async def _logins(work: Work, who: Actor, file: Upload, dry_run: bool) -> ImportReport:
    if (check_id := query_id(file.about)) is None:
        raise NotFoundError("roster.not_found")
    return await RosterService(work).import_logins(
        who, check_id, file.filename, file.content, dry_run=dry_run
    )


_KINDS: Final = {
    "hours": _Kind(template="hours.html", run=_hours),
    "scores": _Kind(template="scores.html", run=_scores),
    "logins": _Kind(template="logins.html", run=_logins),
}


@routes.get("/{kind:hours|scores|logins}")
async def ask(request: web.Request) -> web.Response:
    """The upload form."""
    return await _page(request, about=request.query.get("sitting", ""))


@routes.get("/hours/template.xlsx")
async def hours_template(request: web.Request) -> web.Response:
    """An empty table with the right headers, filled with the roll."""
    async with unit_of_work(request) as work:
        content = await StudyService(work).hours_template(actor(request))
    return download(content, "学时导入模板.xlsx")


@routes.get("/scores/template.xlsx")
async def scores_template(request: web.Request) -> web.Response:
    """The roll of a sitting, to write scores into."""
    code = request.query.get("sitting", "")
    async with unit_of_work(request) as work:
        content = await ResultService(work).scores_template(actor(request), code)
    return download(content, f"成绩导入模板 {code}.xlsx")


@routes.post("/{kind:hours|scores|logins}")
async def try_out(request: web.Request) -> web.Response:
    """Take the file and show what an import would do; nothing is changed."""
    name = request.match_info["kind"]
    try:
        given = upload(request, "file")
        if given is None:
            raise FormError("form.no_file")
        file = Upload(token="", filename=given[0], content=given[1], about=text(request, "about"))
        async with unit_of_work(request) as work:
            report = await _KINDS[name].run(work, actor(request), file, True)
            token = await UploadService(work).keep(
                actor(request), name, file.filename, file.content, about=file.about
            )
    except ServiceError as error:
        return await _page(request, about=text(request, "about"), error=refusals.error(error), status=422)
    return await _page(request, report=report, token=token, about=file.about)


@routes.post("/{kind:hours|scores|logins}/apply")
async def apply(request: web.Request) -> web.Response:
    """Import the file that was tried out."""
    name = request.match_info["kind"]
    async with unit_of_work(request) as work:
        uploads = UploadService(work)
        file = await uploads.get(actor(request), name, text(request, "token"))
        report = await _KINDS[name].run(work, actor(request), file, False)
    return await _page(request, report=report, token=file.token, about=file.about)


@routes.get("/{kind:hours|scores|logins}/{token:[0-9a-f]{32}}/errors.xlsx")
async def errors(request: web.Request) -> web.Response:
    """The faulty rows with what is wrong and how to mend it."""
    name = request.match_info["kind"]
    async with unit_of_work(request) as work:
        file = await UploadService(work).get(actor(request), name, request.match_info["token"])
        report = await _KINDS[name].run(work, actor(request), file, True)
    return download(await asyncio.to_thread(report.error_workbook), f"有问题的行 {file.filename}.xlsx")


async def _page(
    request: web.Request,
    *,
    report: ImportReport | None = None,
    token: str = "",
    about: str = "",
    error: str = "",
    status: int = 200,
) -> web.Response:
    name = request.match_info["kind"]
    async with unit_of_work(request) as work:
        sittings = await SittingService(work).list_for(actor(request)) if name == "scores" else ()
        waiting = await ResultService(work).to_approve_counts(actor(request)) if name == "scores" else ()
    return render(
        request,
        _KINDS[name].template,
        kind=name,
        sittings=tuple(one for one in sittings if one.state is not SittingState.CANCELLED),
        waiting=waiting,
        report=report,
        token=token,
        about=about,
        error=error,
        status=status,
    )
