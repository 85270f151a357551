"""Broadcasts 群发: the list, one with its preview and progress, and what may be done to it."""

from collections.abc import Awaitable, Callable
from typing import Final
from uuid import UUID

from aiohttp import web

from handlers.console import broadcast_texts, forms
from handlers.console.carrying_out import carry_out
from handlers.console.context import SCENE_CODES, actor, page_number, path_id, text, unit_of_work
from handlers.console.pages import download, render
from handlers.console.texts import label
from services.broadcasts import BroadcastService, reporting
from services.broadcasts.trying import BIND_LASTS, TryingService
from services.models import Actor
from services.ports import SceneCodeUnavailableError
from services.typesetting import qr
from services.unit_of_work import Work

routes = web.RouteTableDef()

_WORDS: Final = reporting.Words(
    state=lambda state: label(state, "recipient"),
    chunk=lambda state: label(state, "chunk"),
    reason=broadcast_texts.reason,
)


@routes.get("/broadcasts")
async def lines(request: web.Request) -> web.Response:
    """The organisation's, the newest first."""
    async with unit_of_work(request) as work:
        page = await BroadcastService(work).list_lines(actor(request), page=page_number(request))
    return render(request, "broadcasts.html", page=page)


@routes.get("/broadcasts/{id}")
async def show(request: web.Request) -> web.Response:
    """One: preview, recipients, progress, and what can be done next."""
    return await _page(request)


@routes.get("/broadcasts/{id}/picture")
async def picture(request: web.Request) -> web.Response:
    """Its picture, for the preview."""
    async with unit_of_work(request) as work:
        content = await BroadcastService(work).picture(actor(request), path_id(request))
    kind = "image/png" if content.startswith(b"\x89PNG") else "image/jpeg"
    return web.Response(body=content, content_type=kind)


@routes.get("/broadcasts/{id}/report.xlsx")
async def report(request: web.Request) -> web.Response:
    """Everybody with what became of them; it is logged."""
    async with unit_of_work(request) as work:
        filename, content = await reporting.report(work, actor(request), path_id(request), _WORDS)
    return download(content, filename)


@routes.get("/broadcasts/{id}/wechat")
async def wechat(request: web.Request) -> web.Response:
    """A code by which one of the staff shows their own WeChat."""
    who = actor(request)
    async with unit_of_work(request) as work:
        one = await BroadcastService(work).show(who, path_id(request))
        scene = await TryingService(work).offer(who, one.account)
    picture, unavailable = "", ""
    try:
        # Outside of the transaction: it may take WeChat a while.
        address = await request.app[SCENE_CODES].address(
            one.account, scene, seconds=int(BIND_LASTS.total_seconds())
        )
        picture = qr.qr_svg(address)
    except SceneCodeUnavailableError:
        unavailable = "暂时取不到微信二维码，请过一会儿刷新页面。"
    return render(
        request,
        "broadcast_wechat.html",
        one=one,
        line=one.line,
        picture=picture,
        minutes=int(BIND_LASTS.total_seconds() // 60),
        error=unavailable,
        status=503 if unavailable else 200,
    )


@routes.get("/broadcasts/{id}/{step:start|cancel}")
async def second_look(request: web.Request) -> web.Response:
    """Before what cannot be undone."""
    return await _second_look(request)


@routes.post("/broadcasts/{id}/submit")
async def submit(request: web.Request) -> web.Response:
    """Freeze who gets it."""
    return await _do(request, _service("submit"), "broadcast_submitted")


@routes.post("/broadcasts/{id}/approve")
async def approve(request: web.Request) -> web.Response:
    """What the page showed, by its hash."""

    async def verb(work: Work, who: Actor, broadcast_id: UUID) -> None:
        await BroadcastService(work).approve(who, broadcast_id, text(request, "fingerprint"))

    return await _do(request, verb, "broadcast_approved")


@routes.post("/broadcasts/{id}/refuse")
async def refuse(request: web.Request) -> web.Response:
    """Back to its author."""

    async def verb(work: Work, who: Actor, broadcast_id: UUID) -> None:
        await BroadcastService(work).refuse(who, broadcast_id, text(request, "reason"))

    return await _do(request, verb, "broadcast_refused")


@routes.post("/broadcasts/{id}/schedule")
async def schedule(request: web.Request) -> web.Response:
    """At a time, or by hand again."""

    async def verb(work: Work, who: Actor, broadcast_id: UUID) -> None:
        # Whose it is comes before what was typed.
        await BroadcastService(work).show(who, broadcast_id)
        by_hand = text(request, "by_hand") == "yes"
        due = None if by_hand else forms.moment(request, "day", "time", "定时")
        await BroadcastService(work).schedule(who, broadcast_id, due)

    by_hand = text(request, "by_hand") == "yes"
    return await _do(request, verb, "broadcast_unscheduled" if by_hand else "broadcast_scheduled")


@routes.post("/broadcasts/{id}/start")
async def start(request: web.Request) -> web.Response:
    """Send now."""
    return await _do(request, _service("start"), "broadcast_started")


@routes.post("/broadcasts/{id}/pause")
async def pause(request: web.Request) -> web.Response:
    """Hold it."""
    return await _do(request, _service("pause"), "broadcast_paused")


@routes.post("/broadcasts/{id}/resume")
async def resume(request: web.Request) -> web.Response:
    """Go on."""
    return await _do(request, _service("resume"), "broadcast_resumed")


@routes.post("/broadcasts/{id}/cancel")
async def cancel(request: web.Request) -> web.Response:
    """Nobody gets it any more."""

    async def verb(work: Work) -> None:
        await BroadcastService(work).cancel(actor(request), path_id(request), text(request, "reason"))

    return await carry_out(
        request,
        verb,
        page=_cancelling,
        back_to=f"/broadcasts/{path_id(request)}",
        done="broadcast_cancelled",
    )


@routes.post("/broadcasts/{id}/retry")
async def retry(request: web.Request) -> web.Response:
    """Whoever failed, once more."""
    return await _do(request, _service("retry"), "broadcast_retried")


@routes.post("/broadcasts/{id}/test")
async def test(request: web.Request) -> web.Response:
    """To oneself."""

    async def verb(work: Work, who: Actor, broadcast_id: UUID) -> None:
        await TryingService(work).test(who, broadcast_id)

    return await _do(request, verb, "broadcast_tested")


_Verb = Callable[[Work, Actor, UUID], Awaitable[object]]


def _service(name: str) -> _Verb:
    async def verb(work: Work, who: Actor, broadcast_id: UUID) -> None:
        await getattr(BroadcastService(work), name)(who, broadcast_id)

    return verb


async def _do(request: web.Request, verb: _Verb, done: str) -> web.Response:
    async def act(work: Work) -> None:
        await verb(work, actor(request), path_id(request))

    return await carry_out(request, act, page=_page, back_to=f"/broadcasts/{path_id(request)}", done=done)


async def _cancelling(request: web.Request, *, error: str) -> web.Response:
    return await _second_look(request, step="cancel", error=error)


async def _second_look(request: web.Request, *, step: str = "", error: str = "") -> web.Response:
    async with unit_of_work(request) as work:
        one = await BroadcastService(work).show(actor(request), path_id(request))
    return render(
        request,
        "broadcast_sure.html",
        one=one,
        line=one.line,
        step=step or request.match_info["step"],
        typed=forms.typed(request),
        error=error,
        status=422 if error else 200,
    )


async def _page(request: web.Request, *, error: str = "") -> web.Response:
    who = actor(request)
    async with unit_of_work(request) as work:
        one = await BroadcastService(work).show(who, path_id(request))
        bound = await TryingService(work).bound(who, one.account)
        audience = await BroadcastService(work).audience_words(who, path_id(request))
        found = (
            await BroadcastService(work).count(who, path_id(request))
            if one.line.state.value == "draft"
            else None
        )
    return render(
        request,
        "broadcast.html",
        one=one,
        line=one.line,
        bound=bound,
        mine=who.id in one.authors,
        found=found,
        why="",
        audience=audience,
        reason_words=broadcast_texts.reason,
        paused=broadcast_texts.paused_because(one.reason),
        typed=forms.typed(request),
        error=error,
        status=422 if error else 200,
    )
