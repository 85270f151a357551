"""The tree of organisations below one's own: the list, a new one, another name, another place."""

from uuid import UUID

from aiohttp import web

from handlers.console import forms, refusals
from handlers.console.context import actor, go, path_id, query_id, text, unit_of_work
from handlers.console.pages import render
from services.errors import ServiceError
from services.models import StaffRole
from services.organisations import OrganisationKind, OrganisationNode, OrganisationTree
from services.rules.organisation_kinds import PARENTS

routes = web.RouteTableDef()


@routes.get("/organisations")
async def lines(request: web.Request) -> web.Response:
    """One's own organisation and all below it."""
    async with unit_of_work(request) as work:
        nodes = await OrganisationTree(work).list_(actor(request))
    return render(request, "organisations.html", nodes=nodes, may_manage=_may_manage(request))


@routes.get("/organisations/new")
async def ask(request: web.Request) -> web.Response:
    """The form for a new one."""
    return await _new(request)


@routes.post("/organisations/new")
async def add(request: web.Request) -> web.Response:
    """Add one under one's own or under one below."""
    try:
        async with unit_of_work(request) as work:
            await OrganisationTree(work).add(
                actor(request),
                name=forms.required(request, "name", "名称"),
                kind=_kind(request),
                parent_id=forms.chosen_id(request, "parent", "上级机构"),
                located_in_id=query_id(text(request, "located_in")),
            )
    except ServiceError as error:
        if error.kind == "forbidden":
            raise
        return await _new(request, error=refusals.error(error))
    raise go("/organisations", done="organisation_added")


@routes.get("/organisations/{id}")
async def show(request: web.Request) -> web.Response:
    """One of them, with the forms that change it."""
    return await _one(request, path_id(request))


@routes.post("/organisations/{id}/rename")
async def rename(request: web.Request) -> web.Response:
    """Give it another name."""
    organisation_id = path_id(request)
    try:
        async with unit_of_work(request) as work:
            await OrganisationTree(work).rename(actor(request), organisation_id, text(request, "name"))
    except ServiceError as error:
        if error.kind not in ("invalid", "conflict"):
            raise
        return await _one(request, organisation_id, error=refusals.error(error))
    raise go(f"/organisations/{organisation_id}", done="organisation_renamed")


@routes.post("/organisations/{id}/move")
async def move(request: web.Request) -> web.Response:
    """Put it under another."""
    organisation_id = path_id(request)
    try:
        async with unit_of_work(request) as work:
            await OrganisationTree(work).move(
                actor(request),
                organisation_id,
                query_id(text(request, "parent")),
                located_in_id=query_id(text(request, "located_in")),
            )
    except ServiceError as error:
        if error.kind not in ("invalid", "conflict"):
            raise
        return await _one(request, organisation_id, error=refusals.error(error))
    raise go(f"/organisations/{organisation_id}", done="organisation_moved")


async def _new(request: web.Request, *, error: str = "") -> web.Response:
    async with unit_of_work(request) as work:
        nodes = await OrganisationTree(work).list_(actor(request))
    here = {node.kind for node in nodes}
    return render(
        request,
        "organisation_new.html",
        nodes=nodes,
        kinds=tuple(kind for kind in OrganisationKind if here & set(PARENTS[kind])),
        may_manage=_may_manage(request),
        typed=forms.typed(request),
        error=error,
        status=422 if error else 200,
    )


async def _one(request: web.Request, organisation_id: UUID, *, error: str = "") -> web.Response:
    async with unit_of_work(request) as work:
        nodes = await OrganisationTree(work).list_(actor(request))
        one = await OrganisationTree(work).show(actor(request), organisation_id)
    return render(
        request,
        "organisation.html",
        one=one,
        nodes=nodes,
        parents=tuple(node for node in nodes if node.kind in PARENTS[one.kind]),
        below=tuple(node for node in nodes if node.parent_id == one.id),
        may_change=_may_manage(request) and _is_below(request, one),
        error=error,
        status=422 if error else 200,
    )


def _kind(request: web.Request) -> OrganisationKind:
    try:
        return OrganisationKind(text(request, "kind"))
    except ValueError as error:
        raise forms.FormError("form.choice", label="类别") from error


def _may_manage(request: web.Request) -> bool:
    return actor(request).role is StaffRole.ADMIN


def _is_below(request: web.Request, one: OrganisationNode) -> bool:
    return one.id != actor(request).organisation_id
