"""Followers: make them, let them follow and leave, set how the platform treats them."""

from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict

from simulator import inbound, xml
from simulator.api.gate import COURIER, WORLD
from simulator.control.acting import outcome_json
from simulator.control.wire import body_of
from simulator.errors import ControlError
from simulator.state import Follower

routes = web.RouteTableDef()


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewFollower(_Body):
    """A phone to add; `follow` sends the subscribe event at once."""

    openid: str | None = None
    nickname: str = "新用户"
    account: str | None = None
    follow: bool = False
    scene: str | None = None


class Following(_Body):
    """How the follower came: from a scene QR, or by search."""

    scene: str | None = None
    wait: bool = True


class Treatment(_Body):
    """What the platform reports on template messages."""

    template_outcome: str | None = None
    nickname: str | None = None


class Grant(_Body):
    """The follower's answer to a subscription pop-up."""

    template_id: str
    accept: bool = True


@routes.post("/sim/followers")
async def create(request: web.Request) -> web.Response:
    """Add a phone."""
    world = request.app[WORLD]
    body = await body_of(request, NewFollower)
    account = world.account(body.account)
    follower = world.add_follower(nickname=body.nickname, account=account, openid=body.openid)
    answer = follower_json(follower)
    if body.follow:
        answer |= await _follow(request, follower, Following(scene=body.scene))
    return web.json_response(answer | follower_json(follower), status=201)


@routes.get("/sim/followers")
async def list_all(request: web.Request) -> web.Response:
    """Every phone."""
    followers = request.app[WORLD].state.followers.values()
    return web.json_response({"followers": [follower_json(follower) for follower in followers]})


@routes.get("/sim/followers/{openid}")
async def get(request: web.Request) -> web.Response:
    """One phone."""
    return web.json_response(follower_json(_follower(request)))


@routes.patch("/sim/followers/{openid}")
async def treat(request: web.Request) -> web.Response:
    """Change the nickname, or what template receipts will say."""
    follower = _follower(request)
    body = await body_of(request, Treatment)
    if body.template_outcome is not None:
        follower.template_outcome = body.template_outcome
    if body.nickname is not None:
        follower.nickname = body.nickname
    request.app[WORLD].changed.notify()
    return web.json_response(follower_json(follower))


@routes.post("/sim/followers/{openid}/follow")
async def follow(request: web.Request) -> web.Response:
    """The follower follows; answers with the passive reply."""
    follower = _follower(request)
    if follower.following:
        raise ControlError("the follower follows already", status=409)
    answer = await _follow(request, follower, await body_of(request, Following))
    return web.json_response(answer | follower_json(follower))


@routes.post("/sim/followers/{openid}/unfollow")
async def unfollow(request: web.Request) -> web.Response:
    """The follower leaves."""
    world, follower = request.app[WORLD], _follower(request)
    if not follower.following:
        raise ControlError("the follower does not follow", status=409)
    account = world.account(follower.account)
    world.say(follower, via="follower", type="event", payload={"content": "已取消关注"}, sent=True)
    callback = inbound.unsubscribe(world, account, follower)
    outcome = await request.app[COURIER].deliver(account, follower, callback)
    return web.json_response(outcome_json(outcome) | follower_json(follower))


@routes.post("/sim/followers/{openid}/grants")
async def grant(request: web.Request) -> web.Response:
    """Accept or refuse one subscription notice; the account is told by subscribe_msg_popup_event."""
    world, follower = request.app[WORLD], _follower(request)
    body = await body_of(request, Grant)
    account = world.account(follower.account)
    if body.accept:
        follower.grants[body.template_id] = follower.grants.get(body.template_id, 0) + 1
    choice = {
        "TemplateId": body.template_id,
        "SubscribeStatusString": "accept" if body.accept else "reject",
        "PopupScene": "2",
    }
    plain = xml.write(
        {
            "ToUserName": account.original_id,
            "FromUserName": follower.openid,
            "CreateTime": int(world.clock.time()),
            "MsgType": "event",
            "Event": "subscribe_msg_popup_event",
            "SubscribeMsgPopupEvent": {"List": choice},
        }
    )
    callback = inbound.Inbound(plain, expects_reply=False)
    outcome = await request.app[COURIER].deliver(account, follower, callback)
    return web.json_response(outcome_json(outcome) | {"grants": follower.grants})


async def _follow(request: web.Request, follower: Follower, body: Following) -> dict[str, Any]:
    world, courier = request.app[WORLD], request.app[COURIER]
    account = world.account(follower.account)
    qr = None
    if body.scene is not None and (qr := world.find_qr(account, body.scene)) is None:
        raise ControlError(f"the account has no scene QR {body.scene!r}", status=404)
    callback = inbound.subscribe(world, account, follower, qr)
    world.say(follower, via="follower", type="event", payload={"content": "已关注公众号"}, sent=True)
    if not body.wait:
        courier.later(courier.deliver(account, follower, callback))
        return {"queued": True}
    return outcome_json(await courier.deliver(account, follower, callback))


def _follower(request: web.Request) -> Follower:
    return request.app[WORLD].follower(request.match_info["openid"])


def follower_json(follower: Follower) -> dict[str, Any]:
    """A phone as /sim shows it."""
    return {
        "openid": follower.openid,
        "nickname": follower.nickname,
        "account": follower.account,
        "following": follower.following,
        "template_outcome": follower.template_outcome,
    }
