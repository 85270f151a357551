"""The platform's addresses and API quotas."""

from aiohttp import web

from simulator.api.gate import ACCOUNT, WORLD, answer, body_of, ok
from simulator.errors import ApiError

routes = web.RouteTableDef()

CLEARS_A_MONTH = 10


@routes.get("/cgi-bin/get_api_domain_ip")
@routes.get("/cgi-bin/getcallbackip")
async def addresses(_request: web.Request) -> web.Response:
    """Loopback, the only place this platform lives at."""
    return answer({"ip_list": ["127.0.0.1"]})


@routes.post("/cgi-bin/clear_quota")
async def clear(request: web.Request) -> web.Response:
    """Give today's calls back, ten times a month."""
    world, account = request.app[WORLD], request[ACCOUNT]
    body = await body_of(request)
    if body.get("appid") != account.app_id:
        raise ApiError(40013, "invalid appid")
    state, month = world.of(account), world.clock.month()
    if state.quota_clears.get(month, 0) >= CLEARS_A_MONTH:
        raise ApiError(48006, "forbid to clear quota because of reaching the limit")
    state.quota_clears[month] = state.quota_clears.get(month, 0) + 1
    state.calls.clear()
    return ok()
