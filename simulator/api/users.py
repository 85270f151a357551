"""Followers as the account sees them: /cgi-bin/user/…"""

from typing import Any

from aiohttp import web

from simulator.api.gate import ACCOUNT, WORLD, answer, body_of, ok
from simulator.errors import ApiError
from simulator.state import Follower

routes = web.RouteTableDef()

PAGE = 10_000


@routes.get("/cgi-bin/user/info")
async def info(request: web.Request) -> web.Response:
    """One follower. As on the platform since 2021, without name and portrait."""
    follower = request.app[WORLD].follower_of(request[ACCOUNT], request.query.get("openid"))
    return answer(_info(follower))


@routes.post("/cgi-bin/user/info/batchget")
async def batchget(request: web.Request) -> web.Response:
    """Up to a hundred followers."""
    body = await body_of(request)
    wanted = body.get("user_list")
    if not isinstance(wanted, list) or not 1 <= len(wanted) <= 100:
        raise ApiError(40032, "invalid openid list size")
    world, account = request.app[WORLD], request[ACCOUNT]
    openids = [entry.get("openid") if isinstance(entry, dict) else None for entry in wanted]
    return answer({"user_info_list": [_info(world.follower_of(account, openid)) for openid in openids]})


@routes.get("/cgi-bin/user/get")
async def get(request: web.Request) -> web.Response:
    """The openids of those who follow, 10,000 a page."""
    openids = [follower.openid for follower in request.app[WORLD].followers_of(request[ACCOUNT])]
    first, start = request.query.get("next_openid", ""), 0
    if first:
        if first not in openids:
            raise ApiError(40003, "invalid openid")
        start = openids.index(first) + 1
    page = openids[start : start + PAGE]
    data: dict[str, Any] = {"total": len(openids), "count": len(page)}
    if page:
        data["data"] = {"openid": page}
    return answer(data | {"next_openid": page[-1] if page else ""})


@routes.post("/cgi-bin/user/info/updateremark")
async def update_remark(request: web.Request) -> web.Response:
    """The account's own note about a follower."""
    body = await body_of(request)
    follower = request.app[WORLD].follower_of(request[ACCOUNT], body.get("openid"))
    follower.remark = str(body.get("remark", ""))[:30]
    return ok()


def _info(follower: Follower) -> dict[str, Any]:
    if not follower.following:
        return {"subscribe": 0, "openid": follower.openid, "tagid_list": []}
    scene = follower.qr_scene
    return {
        "subscribe": 1,
        "openid": follower.openid,
        "nickname": "",
        "sex": 0,
        "language": "zh_CN",
        "city": "",
        "province": "",
        "country": "",
        "headimgurl": "",
        "subscribe_time": int(follower.subscribed_at),
        "remark": follower.remark,
        "groupid": follower.tags[0] if follower.tags else 0,
        "tagid_list": follower.tags,
        "subscribe_scene": follower.subscribe_scene,
        "qr_scene": int(scene) if scene.isdigit() else 0,
        "qr_scene_str": "" if scene.isdigit() else scene,
    }
