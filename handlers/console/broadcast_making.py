"""Writing a broadcast: its text, whom it is for, the live count, the file of names, labels."""

import dataclasses
from typing import Any

from aiohttp import web

from handlers.console import forms, refusals
from handlers.console.carrying_out import carry_out
from handlers.console.context import actor, form, go, path_id, query_id, text, tools, unit_of_work, upload
from handlers.console.enrolments import schemes
from handlers.console.pages import render
from services.broadcasts import (
    Audience,
    BroadcastDetail,
    BroadcastKind,
    BroadcastService,
    Content,
    ContentKind,
    Draft,
)
from services.broadcasts.audience import AudienceService
from services.broadcasts.models import NamesReport, Picture
from services.errors import ServiceError
from services.exams.sittings import SittingService
from services.models import EnrolmentState
from services.organisations.tree import OrganisationTree
from services.rules.broadcasting import FIELDS, MONTHLY, SHORT_LENGTH
from services.rules.errors import InvalidValueError
from services.study.classes import ClassService
from services.unit_of_work import Work

routes = web.RouteTableDef()


@routes.get("/broadcasts/new")
async def ask(request: web.Request) -> web.Response:
    """An empty form."""
    draft = Draft(
        account=next(iter(tools(request).accounts), ""),
        kind=BroadcastKind.MASS,
        title="",
        content=Content(),
        audience=Audience(),
    )
    return await _form(request, draft)


@routes.post("/broadcasts/new")
async def create(request: web.Request) -> web.Response:
    """Keep the draft."""
    try:
        draft = _draft(request)
        async with unit_of_work(request) as work:
            broadcast_id = await BroadcastService(work).create(actor(request), draft)
    except (ServiceError, InvalidValueError) as error:
        if isinstance(error, ServiceError) and error.kind == "forbidden":
            raise
        return await _form(request, _lenient(request), error=refusals.error(error))
    raise go(f"/broadcasts/{broadcast_id}", done="broadcast_saved")


@routes.post("/broadcasts/count")
async def count(request: web.Request) -> web.Response:
    """How many would get it, as the form stands now."""
    try:
        draft = _lenient(request)
        async with unit_of_work(request) as work:
            broadcast_id = query_id(text(request, "broadcast"))
            if broadcast_id is not None:
                await BroadcastService(work).show(actor(request), broadcast_id)
            found = await AudienceService(work).count(
                actor(request), draft.account, draft.kind, draft.audience, broadcast_id=broadcast_id
            )
    except ServiceError as error:
        return render(request, "broadcast_count.html", found=None, why=refusals.error(error))
    return render(request, "broadcast_count.html", found=found, why="")


@routes.get("/broadcasts/{id}/edit")
async def reopen(request: web.Request) -> web.Response:
    """The form as it was filled in."""
    async with unit_of_work(request) as work:
        one = await BroadcastService(work).show(actor(request), path_id(request))
    return await _form(request, _as_draft(one), one=one)


@routes.post("/broadcasts/{id}/edit")
async def edit(request: web.Request) -> web.Response:
    """Keep the change; an approval is void with it."""
    broadcast_id = path_id(request)
    async with unit_of_work(request) as work:
        one = await BroadcastService(work).show(actor(request), broadcast_id)
    try:
        draft = _draft(request)
        async with unit_of_work(request) as work:
            await BroadcastService(work).edit(actor(request), broadcast_id, draft)
    except (ServiceError, InvalidValueError) as error:
        if isinstance(error, ServiceError) and error.kind == "forbidden":
            raise
        return await _form(request, _lenient(request), one=one, error=refusals.error(error))
    raise go(f"/broadcasts/{broadcast_id}", done="broadcast_saved")


@routes.get("/broadcasts/{id}/names")
async def ask_names(request: web.Request) -> web.Response:
    """Where a file of names is handed in."""
    return await _names(request)


@routes.post("/broadcasts/{id}/names")
async def read_names(request: web.Request) -> web.Response:
    """Take a file of names, and tell its unknown rows."""
    broadcast_id, report = path_id(request), None
    try:
        async with unit_of_work(request) as work:
            await BroadcastService(work).show(actor(request), broadcast_id)
            if (given := upload(request, "file")) is None:
                raise forms.FormError("form.no_file")
            report = await BroadcastService(work).read_names(actor(request), broadcast_id, *given)
    except ServiceError as error:
        if error.kind in ("not_found", "forbidden"):
            raise
        return await _names(request, error=refusals.error(error))
    return await _names(request, report=report)


@routes.get("/broadcasts/tags")
async def tags(request: web.Request) -> web.Response:
    """The organisation's labels."""
    return await _tags(request)


@routes.post("/broadcasts/tags/drop")
async def unlabel(request: web.Request) -> web.Response:
    """Take a label from everybody."""

    async def verb(work: Work) -> None:
        await AudienceService(work).unlabel(actor(request), text(request, "tag"))

    return await carry_out(request, verb, page=_tags, back_to="/broadcasts/tags", done="broadcast_unlabelled")


@routes.post("/broadcasts/{id}/label")
async def label(request: web.Request) -> web.Response:
    """Give everybody of an audience a label."""

    async def verb(work: Work) -> None:
        await BroadcastService(work).label(actor(request), path_id(request), text(request, "tag"))

    return await carry_out(request, verb, page=_tags, back_to="/broadcasts/tags", done="broadcast_labelled")


async def _tags(request: web.Request, *, error: str = "") -> web.Response:
    async with unit_of_work(request) as work:
        found = await AudienceService(work).tags(actor(request))
    return render(request, "broadcast_tags.html", tags=found, error=error, status=422 if error else 200)


async def _names(request: web.Request, *, report: NamesReport | None = None, error: str = "") -> web.Response:
    async with unit_of_work(request) as work:
        one = await BroadcastService(work).show(actor(request), path_id(request))
    return render(
        request,
        "broadcast_names.html",
        one=one,
        line=one.line,
        report=report,
        error=error,
        status=422 if error else 200,
    )


async def _form(
    request: web.Request, draft: Draft, *, one: BroadcastDetail | None = None, error: str = ""
) -> web.Response:
    who = actor(request)
    async with unit_of_work(request) as work:
        choices: dict[str, Any] = {
            "classes": await ClassService(work).list_classes(who),
            "sittings": await SittingService(work).list_for(who),
            "organisations": await OrganisationTree(work).list_(who),
            "tags": await AudienceService(work).tags(who),
        }
        found = None
        if not error:
            found = await AudienceService(work).count(
                who, draft.account, draft.kind, draft.audience, broadcast_id=one.line.id if one else None
            )
    return render(
        request,
        "broadcast_form.html",
        draft=draft,
        one=one,
        accounts=tools(request).accounts,
        schemes=schemes(request),
        states=tuple(EnrolmentState),
        kinds=tuple(BroadcastKind),
        contents=tuple(ContentKind),
        fields=FIELDS,
        short_length=SHORT_LENGTH,
        monthly=MONTHLY,
        found=found,
        why="",
        error=error,
        status=422 if error else 200,
        **choices,
    )


def _draft(request: web.Request) -> Draft:
    """What was filled in. Raises FormError."""
    forms.one_of(request, "kind", "方式", BroadcastKind)
    forms.one_of(request, "content", "内容", ContentKind)
    forms.whole(request, "rest_days", "最近收到过群发的")
    given = upload(request, "picture")
    picture = Picture(filename=given[0], content=given[1]) if given is not None else None
    return dataclasses.replace(_lenient(request), picture=picture)


def _lenient(request: web.Request) -> Draft:
    """What was filled in, as far as it can be read: to count by it, or to show it again."""
    kind = BroadcastKind(_known(text(request, "kind"), BroadcastKind, BroadcastKind.MASS))
    wanted = ContentKind(_known(text(request, "content"), ContentKind, ContentKind.TEXT))
    rest = text(request, "rest_days")
    known = {scheme.id for scheme in tools(request).schemes.values()}
    return Draft(
        account=text(request, "account"),
        kind=kind,
        title=text(request, "title"),
        content=Content(
            kind=ContentKind.TEXT if kind is BroadcastKind.PERSONAL else wanted,
            text=text(request, "text").replace("\r\n", "\n"),
            title=text(request, "article_title"),
            digest=text(request, "digest"),
            link=text(request, "link"),
            short=text(request, "short"),
        ),
        audience=Audience(
            scheme_ids=tuple(value for value in _several(request, "scheme") if value in known),
            states=tuple(value for value in _several(request, "state") if value in set(EnrolmentState)),
            class_id=query_id(text(request, "class")),
            sitting_id=query_id(text(request, "sitting")),
            through_id=query_id(text(request, "through")),
            region=text(request, "region")[:60],
            tag=text(request, "tag"),
            named=text(request, "named") == "yes",
            rest_days=int(rest) if rest.isascii() and rest.isdigit() and len(rest) < 4 else 0,
        ),
    )


def _several(request: web.Request, name: str) -> list[str]:
    return [value for value in form(request).getall(name, []) if isinstance(value, str) and value]


def _known(given: str, allowed: Any, otherwise: str) -> str:
    return given if given in {str(one) for one in allowed} else otherwise


def _as_draft(one: BroadcastDetail) -> Draft:
    return Draft(
        account=one.account,
        kind=one.line.kind,
        title=one.line.title,
        content=one.content,
        audience=one.audience,
    )
