"""The platform itself: accounts, faults, clock, quotas, traffic, a fresh start."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from aiohttp import web
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from simulator.api.gate import WORLD
from simulator.config import AccountConfig, TemplateConfig
from simulator.control.wire import body_of, number
from simulator.errors import ControlError
from simulator.faults import Kind

routes = web.RouteTableDef()


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewFault(_Body):
    """The next `times` calls whose path starts with `path` go wrong; `times` null means all."""

    path: str = "/cgi-bin/"
    kind: Kind
    value: int | float | str | None = None
    times: int | None = Field(default=1, ge=1)
    skip: int = Field(default=0, ge=0)
    errmsg: str = ""


class ClockMove(_Body):
    """One of: move on by seconds, be that far ahead of real time, or be at a moment."""

    advance: float | None = None
    offset: float | None = None
    at: AwareDatetime | None = None


class AccountChange(_Body):
    """Another callback address, more templates, all tokens revoked."""

    callback_url: str | None = None
    templates: list[TemplateConfig] = Field(default_factory=list)
    revoke_tokens: bool = False
    menu: dict[str, Any] | None = None


@routes.get("/sim/accounts")
async def accounts(request: web.Request) -> web.Response:
    """Every account with its menu, without its secrets."""
    world = request.app[WORLD]
    return web.json_response({"accounts": [_account_json(request, a) for a in world.accounts]})


@routes.patch("/sim/accounts/{name}")
async def change_account(request: web.Request) -> web.Response:
    """Point the callback elsewhere, add templates, revoke tokens."""
    world = request.app[WORLD]
    body = await body_of(request, AccountChange)
    account = world.account(request.match_info["name"])
    if body.callback_url is not None:
        world.set_callback_url(account.name, body.callback_url)
    for template in body.templates:
        world.add_template(account, template)
    if body.revoke_tokens:
        world.of(account).tokens.revoke_all()
    if body.menu is not None:
        world.of(account).menu = body.menu
        world.changed.notify()
    return web.json_response(_account_json(request, world.account(account.name)))


@routes.post("/sim/faults")
async def add_fault(request: web.Request) -> web.Response:
    """Make calls go wrong."""
    body = await body_of(request, NewFault)
    if body.kind in {"errcode", "http"} and not isinstance(body.value, int):
        raise ControlError(f"kind {body.kind} needs an integer value")
    fault = request.app[WORLD].faults.add(
        body.path, body.kind, body.value, times=body.times, skip=body.skip, errmsg=body.errmsg
    )
    return web.json_response(asdict(fault), status=201)


@routes.get("/sim/faults")
async def list_faults(request: web.Request) -> web.Response:
    """The faults in force and how often each struck."""
    return web.json_response({"faults": [asdict(fault) for fault in request.app[WORLD].faults.faults]})


@routes.delete("/sim/faults")
async def clear_faults(request: web.Request) -> web.Response:
    """Remove one fault (`?id=`), or all."""
    which = int(number(request, "id", -1))
    request.app[WORLD].faults.clear(None if which < 0 else which)
    return web.json_response({"ok": True})


@routes.get("/sim/clock")
async def read_clock(request: web.Request) -> web.Response:
    """Virtual time."""
    return web.json_response(_clock_json(request))


@routes.post("/sim/clock")
async def move_clock(request: web.Request) -> web.Response:
    """Move virtual time."""
    clock = request.app[WORLD].clock
    body = await body_of(request, ClockMove)
    if body.at is not None:
        clock.move_to(datetime.fromisoformat(body.at.isoformat()))
    elif body.offset is not None:
        clock.offset = body.offset
    elif body.advance is not None:
        clock.advance(body.advance)
    else:
        raise ControlError("give advance, offset or at")
    return web.json_response(_clock_json(request))


@routes.get("/sim/traffic")
async def read_traffic(request: web.Request) -> web.Response:
    """Recorded exchanges, by `after`, `direction` (api or callback) and start of `path`."""
    query = request.query
    exchanges = request.app[WORLD].traffic.list(
        after=int(number(request, "after")), direction=query.get("direction"), path=query.get("path")
    )
    return web.json_response({"exchanges": exchanges, "last": request.app[WORLD].traffic.seq})


@routes.delete("/sim/traffic")
async def clear_traffic(request: web.Request) -> web.Response:
    """Forget the record."""
    request.app[WORLD].traffic.clear()
    return web.json_response({"ok": True})


@routes.get("/sim/quotas/{openid}")
async def quotas(request: web.Request) -> web.Response:
    """What the account may still send this follower."""
    world = request.app[WORLD]
    follower = world.follower(request.match_info["openid"])
    return web.json_response(
        {
            "windows": follower.windows.report(world.clock.time()),
            "mass_received": follower.mass_received.get(world.clock.month(), 0),
            "grants": follower.grants,
        }
    )


@routes.get("/sim/quotas")
async def api_quotas(request: web.Request) -> web.Response:
    """Today's calls of each account, by path, with the limit."""
    world = request.app[WORLD]
    report = {}
    for account in world.accounts:
        state = world.of(account)
        calls = state.calls if state.calls_on == world.clock.day() else {}
        report[account.name] = {
            path: {"calls": count, "limit": world.config.daily_limit(path)} for path, count in calls.items()
        }
    return web.json_response({"accounts": report})


@routes.post("/sim/reset")
async def reset(request: web.Request) -> web.Response:
    """Begin anew. The configured accounts and callback addresses stay."""
    request.app[WORLD].reset()
    return web.json_response({"ok": True})


def _account_json(request: web.Request, account: AccountConfig) -> dict[str, Any]:
    world = request.app[WORLD]
    return {
        "name": account.name,
        "title": account.title,
        "app_id": account.app_id,
        "original_id": account.original_id,
        "callback_url": account.callback_url,
        "mode": account.mode,
        "menu": world.of(account).menu,
        "templates": [template.model_dump() for template in world.templates(account)],
    }


def _clock_json(request: web.Request) -> dict[str, Any]:
    clock = request.app[WORLD].clock
    return {"now": clock.now().isoformat(), "offset": clock.offset}
