"""Customer-service messages: /cgi-bin/message/custom/send and /typing."""

from aiohttp import web

from simulator.api import content
from simulator.api.gate import ACCOUNT, WORLD, body_of, ok
from simulator.errors import ApiError

routes = web.RouteTableDef()


@routes.post("/cgi-bin/message/custom/send")
async def send(request: web.Request) -> web.Response:
    """Into the chat, if the follower's own action opened a window that is not used up."""
    world, account = request.app[WORLD], request[ACCOUNT]
    body = await body_of(request)
    follower = world.follower_of(account, body.get("touser"))
    if not follower.following:
        raise ApiError(45015, "response out of time limit or subscription is canceled")
    kind, payload = content.shown(world, account, body)
    follower.windows.spend(world.clock.time())
    world.say(follower, via="custom", type=kind, payload=payload)
    return ok()


@routes.post("/cgi-bin/message/custom/typing")
async def typing(request: web.Request) -> web.Response:
    """“对方正在输入”: checked and dropped, it costs no quota."""
    world, account = request.app[WORLD], request[ACCOUNT]
    body = await body_of(request)
    world.follower_of(account, body.get("touser"))
    if body.get("command") not in {"Typing", "CancelTyping"}:
        raise ApiError(45072, "invalid command")
    return ok()
