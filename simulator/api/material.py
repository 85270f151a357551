"""What an account keeps to send: /cgi-bin/material/add_material, /cgi-bin/draft/add."""

import secrets
from typing import Any

from aiohttp import web

from simulator.api.gate import ACCOUNT, WORLD, answer, body_of
from simulator.api.media import receive
from simulator.errors import ApiError
from simulator.state import Draft

routes = web.RouteTableDef()

#: Characters of an article, as the platform publishes them.
TITLE, DIGEST, CONTENT = 32, 128, 20_000


@routes.post("/cgi-bin/material/add_material")
async def add(request: web.Request) -> web.Response:
    """Keep a file until it is deleted."""
    world = request.app[WORLD]
    medium = await receive(request, request.query.get("type", ""))
    medium.lasting = True
    world.keep_medium(request[ACCOUNT], medium)
    return answer({"media_id": medium.media_id, "url": world.media_url(medium.media_id), "item": []})


@routes.post("/cgi-bin/draft/add")
async def add_draft(request: web.Request) -> web.Response:
    """Keep an article; its cover must be lasting material."""
    world, account = request.app[WORLD], request[ACCOUNT]
    articles = (await body_of(request)).get("articles")
    if not isinstance(articles, list) or not articles or not isinstance(articles[0], dict):
        raise ApiError(44003, "empty news data")
    if len(articles) > 1:
        raise ApiError(45008, "article size out of limit: one is simulated")
    first: dict[str, Any] = articles[0]
    title, digest, content = (str(first.get(key, "")) for key in ("title", "digest", "content"))
    if not 1 <= len(title) <= TITLE:
        raise ApiError(45003, "title size out of limit")
    if len(digest) > DIGEST:
        raise ApiError(45004, "description size out of limit")
    if not content or len(content) > CONTENT * 4:
        raise ApiError(45008, "article size out of limit")
    cover = world.medium_of(account, first.get("thumb_media_id"))
    if not cover.lasting:
        raise ApiError(40007, "invalid media_id: the cover is no lasting material")
    draft = Draft(
        media_id=secrets.token_urlsafe(48),
        title=title,
        digest=digest or content[:54],
        content=content,
        url=str(first.get("content_source_url", "")),
        thumb_media_id=cover.media_id,
    )
    world.of(account).drafts[draft.media_id] = draft
    return answer({"media_id": draft.media_id, "item": []})
