"""Tags that an account gives its followers: /cgi-bin/tags/… and /cgi-bin/user/tag/get."""

from typing import Any

from aiohttp import web

from simulator.api.gate import ACCOUNT, WORLD, answer, body_of, ok
from simulator.errors import ApiError
from simulator.state import Follower, Tag

routes = web.RouteTableDef()

#: Tags an account may have, and tags one follower may carry.
MOST_TAGS = 100
MOST_ON_FOLLOWER = 20


@routes.post("/cgi-bin/tags/create")
async def create(request: web.Request) -> web.Response:
    """A new tag."""
    body = await body_of(request)
    tags = request.app[WORLD].of(request[ACCOUNT]).tags
    if len(tags) >= MOST_TAGS:
        raise ApiError(45056, "too many tag now, can not add new")
    tag = Tag(max(tags, default=99) + 1, _name(body, tags))
    tags[tag.id] = tag
    return answer({"tag": {"id": tag.id, "name": tag.name}})


@routes.get("/cgi-bin/tags/get")
async def get(request: web.Request) -> web.Response:
    """Every tag with its number of followers."""
    world, account = request.app[WORLD], request[ACCOUNT]
    followers = world.followers_of(account)
    return answer(
        {
            "tags": [
                {"id": tag.id, "name": tag.name, "count": sum(tag.id in f.tags for f in followers)}
                for tag in world.of(account).tags.values()
            ]
        }
    )


@routes.post("/cgi-bin/tags/update")
async def update(request: web.Request) -> web.Response:
    """Another name."""
    body = await body_of(request)
    tags = request.app[WORLD].of(request[ACCOUNT]).tags
    tag = _tag(tags, (body.get("tag") or {}).get("id"))
    tag.name = _name(body, tags)
    return ok()


@routes.post("/cgi-bin/tags/delete")
async def delete(request: web.Request) -> web.Response:
    """The tag goes, and leaves its followers."""
    body = await body_of(request)
    world, account = request.app[WORLD], request[ACCOUNT]
    tag = _tag(world.of(account).tags, (body.get("tag") or {}).get("id"))
    del world.of(account).tags[tag.id]
    for follower in world.followers_of(account):
        if tag.id in follower.tags:
            follower.tags.remove(tag.id)
    return ok()


@routes.post("/cgi-bin/tags/members/batchtagging")
async def batch_tagging(request: web.Request) -> web.Response:
    """Give a tag to up to fifty followers."""
    tag, followers = await _members(request)
    for follower in followers:
        if tag.id in follower.tags:
            continue
        if len(follower.tags) >= MOST_ON_FOLLOWER:
            raise ApiError(45059, "user has too many tags")
        follower.tags.append(tag.id)
    return ok()


@routes.post("/cgi-bin/tags/members/batchuntagging")
async def batch_untagging(request: web.Request) -> web.Response:
    """Take a tag from up to fifty followers."""
    tag, followers = await _members(request)
    for follower in followers:
        if tag.id in follower.tags:
            follower.tags.remove(tag.id)
    return ok()


@routes.post("/cgi-bin/tags/getidlist")
async def of_follower(request: web.Request) -> web.Response:
    """The tags of one follower."""
    body = await body_of(request)
    follower = request.app[WORLD].follower_of(request[ACCOUNT], body.get("openid"))
    return answer({"tagid_list": follower.tags})


@routes.post("/cgi-bin/user/tag/get")
async def with_tag(request: web.Request) -> web.Response:
    """Those who carry a tag, all on one page."""
    body = await body_of(request)
    world, account = request.app[WORLD], request[ACCOUNT]
    tag = _tag(world.of(account).tags, body.get("tagid"))
    openids = [f.openid for f in world.followers_of(account) if tag.id in f.tags]
    if body.get("next_openid"):
        openids = []
    found: dict[str, Any] = {"count": len(openids)}
    return answer(
        found
        | ({"data": {"openid": openids}, "next_openid": openids[-1]} if openids else {"next_openid": ""})
    )


async def _members(request: web.Request) -> tuple[Tag, list[Follower]]:
    body = await body_of(request)
    world, account = request.app[WORLD], request[ACCOUNT]
    tag = _tag(world.of(account).tags, body.get("tagid"))
    openids = body.get("openid_list")
    if not isinstance(openids, list) or not 1 <= len(openids) <= 50:
        raise ApiError(40032, "invalid openid list size")
    return tag, [world.follower_of(account, openid) for openid in openids]


def _tag(tags: dict[int, Tag], tag_id: Any) -> Tag:
    if not isinstance(tag_id, int) or tag_id not in tags:
        raise ApiError(45159, "invalid tag")
    return tags[tag_id]


def _name(body: dict[str, Any], tags: dict[int, Tag]) -> str:
    tag = body.get("tag")
    name = tag.get("name") if isinstance(tag, dict) else None
    if not isinstance(name, str) or not name.strip() or len(name) > 30:
        raise ApiError(45158, "the tag name is empty or too long")
    if any(other.name == name for other in tags.values()):
        raise ApiError(45157, "invalid tag name: it exists")
    return name
