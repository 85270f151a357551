"""Message bodies that the sending endpoints share: what each type must have, and how it is shown."""

from typing import Any

from simulator.config import AccountConfig
from simulator.errors import ApiError
from simulator.world import World

TEXT_BYTES = 2048


def shown(world: World, account: AccountConfig, body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Type and chat payload of a message body with `msgtype`.

    Raises:
        ApiError: 40008 unknown type, 44004 empty text, 45002 too long, 40007 bad medium, 45008 articles.
    """
    kind = body.get("msgtype")
    if kind == "image" and "images" in body:
        # What a mass send calls its pictures.
        kind = "images"
    content = body.get(kind) if isinstance(kind, str) else None
    if not isinstance(kind, str) or kind not in _READERS:
        raise ApiError(40008, "invalid message type")
    if not isinstance(content, dict):
        raise ApiError(40008, f"invalid message type: {kind} missing")
    return _READERS[kind](world, account, content)


def _text(_world: World, _account: AccountConfig, content: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    text = content.get("content")
    if not isinstance(text, str) or not text.strip():
        raise ApiError(44004, "empty content")
    if len(text.encode()) > TEXT_BYTES:
        raise ApiError(45002, "content size out of limit")
    return "text", {"content": text}


def _image(world: World, account: AccountConfig, content: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return "image", _medium(world, account, content.get("media_id"))


def _images(world: World, account: AccountConfig, content: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    ids = content.get("media_ids")
    first = ids[0] if isinstance(ids, list) and ids else content.get("media_id")
    return "image", _medium(world, account, first)


def _voice(world: World, account: AccountConfig, content: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return "voice", _medium(world, account, content.get("media_id"))


def _video(world: World, account: AccountConfig, content: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    payload = _medium(world, account, content.get("media_id"))
    return "video", payload | {
        "title": str(content.get("title", "")),
        "description": str(content.get("description", "")),
    }


def _news(_world: World, _account: AccountConfig, content: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    articles = content.get("articles")
    if not isinstance(articles, list) or not articles:
        raise ApiError(44003, "empty news data")
    if len(articles) > 1:
        raise ApiError(45008, "article size out of limit")
    article = articles[0]
    if not isinstance(article, dict) or not article.get("title"):
        raise ApiError(47001, "data format error")
    return "news", {
        "articles": [
            {
                "title": str(article["title"]),
                "description": str(article.get("description", "")),
                "url": str(article.get("url", "")),
                "pic_url": str(article.get("picurl", "")),
            }
        ]
    }


def _mpnews(world: World, account: AccountConfig, content: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    draft = world.of(account).drafts.get(str(content.get("media_id", "")))
    if draft is None:
        raise ApiError(40007, "invalid media_id")
    return "news", {
        "articles": [
            {
                "title": draft.title,
                "description": draft.digest,
                "url": draft.url,
                "pic_url": f"/sim/media/{draft.thumb_media_id}",
            }
        ]
    }


def _msgmenu(_world: World, _account: AccountConfig, content: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    items = content.get("list")
    if not isinstance(items, list) or not items:
        raise ApiError(47001, "data format error: msgmenu.list")
    try:
        choices = [{"id": str(item["id"]), "content": str(item["content"])} for item in items]
    except (TypeError, KeyError):
        raise ApiError(47001, "data format error: msgmenu.list") from None
    return "msgmenu", {
        "head": str(content.get("head_content", "")),
        "list": choices,
        "tail": str(content.get("tail_content", "")),
    }


def _medium(world: World, account: AccountConfig, media_id: object) -> dict[str, Any]:
    medium = world.medium_of(account, media_id)
    return {"media_id": medium.media_id, "url": f"/sim/media/{medium.media_id}"}


_READERS = {
    "text": _text,
    "image": _image,
    "images": _images,
    "voice": _voice,
    "video": _video,
    "news": _news,
    "mpnews": _mpnews,
    "msgmenu": _msgmenu,
}
