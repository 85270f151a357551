"""Mass sends: to a list, to a tag or to all, preview, and what became of them."""

from typing import Any

from aiohttp import web

from simulator import xml
from simulator.api import content
from simulator.api.gate import ACCOUNT, COURIER, WORLD, answer, body_of, ok
from simulator.callbacks import Courier
from simulator.config import AccountConfig
from simulator.errors import ApiError
from simulator.state import Follower, MassJob
from simulator.world import World

routes = web.RouteTableDef()

#: Mass messages a follower receives in a month.
MONTHLY = 4
CLIENT_ID_BYTES = 63


@routes.post("/cgi-bin/message/mass/send")
async def send(request: web.Request) -> web.Response:
    """To 2–10,000 openids."""
    body = await body_of(request)
    openids = body.get("touser")
    if not isinstance(openids, list) or not 2 <= len(openids) <= 10_000:
        raise ApiError(40130, "invalid openid list size, at least two openid")
    world, account = request.app[WORLD], request[ACCOUNT]
    wanted = [world.state.followers.get(str(openid)) for openid in openids]
    audience = [f for f in wanted if f is not None and f.account == account.name and f.following]
    return _send(request, body, audience, total=len(openids))


@routes.post("/cgi-bin/message/mass/sendall")
async def sendall(request: web.Request) -> web.Response:
    """To everyone, or to those with a tag."""
    body = await body_of(request)
    target = body.get("filter")
    if not isinstance(target, dict):
        raise ApiError(40130, "invalid filter")
    world, account = request.app[WORLD], request[ACCOUNT]
    audience = world.followers_of(account)
    if not target.get("is_to_all"):
        tag_id = target.get("tag_id")
        if tag_id not in world.of(account).tags:
            raise ApiError(45159, "invalid tag")
        audience = [follower for follower in audience if tag_id in follower.tags]
    return _send(request, body, audience, total=len(audience))


@routes.post("/cgi-bin/message/mass/preview")
async def preview(request: web.Request) -> web.Response:
    """To one openid; counts for nothing."""
    world, account = request.app[WORLD], request[ACCOUNT]
    body = await body_of(request)
    follower = world.follower_of(account, body.get("touser"))
    if not follower.following:
        raise ApiError(43004, "require subscribe")
    kind, payload = content.shown(world, account, body)
    world.say(follower, via="preview", type=kind, payload=payload)
    return ok(msg_id=world.next_id())


@routes.post("/cgi-bin/message/mass/get")
async def status(request: web.Request) -> web.Response:
    """What became of a mass send."""
    world, account = request.app[WORLD], request[ACCOUNT]
    body = await body_of(request)
    try:
        job = world.of(account).mass_jobs[int(body.get("msg_id", ""))]
    except (KeyError, ValueError, TypeError):
        raise ApiError(40059, "invalid msg id") from None
    return answer({"msg_id": job.msg_id, "msg_status": job.status})


def _send(
    request: web.Request, body: dict[str, Any], audience: list[Follower], *, total: int
) -> web.Response:
    world, account = request.app[WORLD], request[ACCOUNT]
    client_id = body.get("clientmsgid")
    if client_id is not None:
        _refuse_repeat(world, account, str(client_id))
    kind, payload = content.shown(world, account, body)
    job = MassJob(world.next_id(), "SENDING", str(client_id) if client_id is not None else None)
    world.of(account).mass_jobs[job.msg_id] = job
    courier = request.app[COURIER]
    courier.later(_spread(world, courier, account, job, audience, total, kind, payload))
    return answer(
        {
            "errcode": 0,
            "errmsg": "send job submission success",
            "msg_id": job.msg_id,
            "msg_data_id": job.msg_id,
        }
    )


def _refuse_repeat(world: World, account: AccountConfig, client_id: str) -> None:
    if len(client_id.encode()) > CLIENT_ID_BYTES:
        raise ApiError(45067, "clientmsgid size out of limit")
    for job in world.of(account).mass_jobs.values():
        if job.clientmsgid == client_id:
            raise ApiError(45065, "clientmsgid exist", msg_id=job.msg_id, msg_data_id=job.msg_id)


async def _spread(
    world: World,
    courier: Courier,
    account: AccountConfig,
    job: MassJob,
    audience: list[Follower],
    total: int,
    kind: str,
    payload: dict[str, Any],
) -> None:
    """Deliver to each follower whose month is not full, then report."""
    month, sent = world.clock.month(), 0
    for follower in audience:
        if follower.mass_received.get(month, 0) >= MONTHLY:
            continue
        follower.mass_received[month] = follower.mass_received.get(month, 0) + 1
        world.say(follower, via="mass", type=kind, payload=payload | {"msg_id": job.msg_id})
        sent += 1
    job.status = "SEND_SUCCESS"
    receipt = xml.write(
        {
            "ToUserName": account.original_id,
            "FromUserName": account.original_id,
            "CreateTime": int(world.clock.time()),
            "MsgType": "event",
            "Event": "MASSSENDJOBFINISH",
            "MsgID": job.msg_id,
            "Status": "send success",
            "TotalCount": total,
            "FilterCount": len(audience),
            "SentCount": sent,
            "ErrorCount": len(audience) - sent,
        }
    )
    await courier.notify(account, account.original_id, receipt)
