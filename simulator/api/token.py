"""Access tokens: /cgi-bin/token and /cgi-bin/stable_token."""

import hmac
from typing import Any

from aiohttp import web

from simulator.api.gate import ACCOUNT, WORLD, answer, body_of
from simulator.config import AccountConfig
from simulator.errors import ApiError

routes = web.RouteTableDef()


@routes.get("/cgi-bin/token")
async def token(request: web.Request) -> web.Response:
    """A new token on each call."""
    account = _identify(request, dict(request.query))
    world = request.app[WORLD]
    value, seconds = world.of(account).tokens.renew_plain(world.clock.time())
    return answer({"access_token": value, "expires_in": seconds})


@routes.post("/cgi-bin/stable_token")
async def stable_token(request: web.Request) -> web.Response:
    """The shared token; `force_refresh` replaces it."""
    body = await body_of(request)
    account = _identify(request, body)
    world = request.app[WORLD]
    tokens = world.of(account).tokens
    if body.get("force_refresh") is True:
        value, seconds = tokens.force_stable(world.clock.time(), world.clock.day())
    else:
        value, seconds = tokens.current_stable(world.clock.time())
    return answer({"access_token": value, "expires_in": seconds})


def _identify(request: web.Request, given: dict[str, Any]) -> AccountConfig:
    world = request.app[WORLD]
    if given.get("grant_type") not in {"client_credential"}:
        raise ApiError(40002, "invalid grant_type")
    if not given.get("appid"):
        raise ApiError(41002, "appid missing")
    if not given.get("secret"):
        raise ApiError(41004, "appsecret missing")
    account = world.account_by_app_id(str(given["appid"]))
    if account is None:
        raise ApiError(40013, "invalid appid")
    if not hmac.compare_digest(str(given["secret"]).encode(), account.app_secret.encode()):
        raise ApiError(40125, "invalid appsecret")
    request[ACCOUNT] = account
    world.count_call(account, request.path)
    return account
