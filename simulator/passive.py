"""Reading a passive reply as the platform does: what it would show, or why it would not."""

from typing import Any

from simulator import crypto, xml
from simulator.config import AccountConfig
from simulator.errors import ApiError
from simulator.state import Follower
from simulator.world import World
from simulator.xml import ReplyError

#: Bytes of UTF-8 in one text.
TEXT_BYTES = 2048


def open_envelope(body: str, account: AccountConfig, aes_key: str) -> str | None:
    """The reply's plain XML; None when the answer is `success` or empty, so that nothing is shown.

    Raises:
        ReplyError: not encrypted in safe mode, or the signature or the key is wrong.
    """
    if body.strip() in {"", "success"}:
        return None
    if account.mode == "plain":
        return body
    envelope = xml.read(body)
    try:
        encrypted, given = envelope["Encrypt"], envelope["MsgSignature"]
        timestamp, nonce = envelope["TimeStamp"], envelope["Nonce"]
    except KeyError as error:
        raise ReplyError(f"safe mode needs <{error.args[0]}>") from error
    if not all(isinstance(part, str) for part in (encrypted, given, timestamp, nonce)):
        raise ReplyError("the envelope repeats an element")
    if not crypto.signature_matches(given, account.token, timestamp, nonce, encrypted):
        raise ReplyError("MsgSignature does not match")
    try:
        return crypto.decrypt(encrypted, aes_key=aes_key, app_id=account.app_id)
    except crypto.CryptoError as error:
        raise ReplyError(str(error)) from error


def understand(world: World, follower: Follower, account: AccountConfig, plain: str) -> dict[str, Any]:
    """What the reply shows, as `{"type": …}` and the fields of that type.

    Raises:
        ReplyError: addressed to somebody else, an unknown type, a limit exceeded, an unknown medium.
    """
    message = xml.read(plain)
    if message.get("ToUserName") != follower.openid:
        raise ReplyError("ToUserName is not the follower")
    if message.get("FromUserName") != account.original_id:
        raise ReplyError("FromUserName is not the account")
    if not str(message.get("CreateTime", "")).strip().isdigit():
        raise ReplyError("CreateTime is not a number")
    kind = message.get("MsgType")
    try:
        return _READERS[str(kind)](world, account, message)
    except KeyError as error:
        raise ReplyError(f"MsgType {kind!r} or its <{error.args[0]}> is not a passive reply") from error
    except (TypeError, AttributeError) as error:
        raise ReplyError(f"MsgType {kind!r} has the wrong shape") from error


def _text(_world: World, _account: AccountConfig, message: dict[str, Any]) -> dict[str, Any]:
    content = message["Content"]
    if not content.strip():
        raise ReplyError("Content is empty")
    if len(content.encode()) > TEXT_BYTES:
        raise ReplyError(f"Content has more than {TEXT_BYTES} bytes")
    return {"type": "text", "content": content}


def _medium(world: World, account: AccountConfig, kind: str, media_id: str) -> dict[str, Any]:
    try:
        medium = world.medium_of(account, media_id)
    except ApiError as error:
        raise ReplyError(f"MediaId {media_id!r} is unknown or expired") from error
    return {"type": kind, "media_id": medium.media_id, "url": f"/sim/media/{medium.media_id}"}


def _image(world: World, account: AccountConfig, message: dict[str, Any]) -> dict[str, Any]:
    return _medium(world, account, "image", message["Image"]["MediaId"])


def _voice(world: World, account: AccountConfig, message: dict[str, Any]) -> dict[str, Any]:
    return _medium(world, account, "voice", message["Voice"]["MediaId"])


def _video(world: World, account: AccountConfig, message: dict[str, Any]) -> dict[str, Any]:
    video = message["Video"]
    shown = _medium(world, account, "video", video["MediaId"])
    return shown | {"title": video.get("Title", ""), "description": video.get("Description", "")}


def _music(_world: World, _account: AccountConfig, message: dict[str, Any]) -> dict[str, Any]:
    music = message["Music"]
    return {
        "type": "music",
        "title": music.get("Title", ""),
        "description": music.get("Description", ""),
        "url": music.get("MusicUrl", ""),
    }


def _news(_world: World, _account: AccountConfig, message: dict[str, Any]) -> dict[str, Any]:
    items = message["Articles"]["item"]
    articles = items if isinstance(items, list) else [items]
    if str(message["ArticleCount"]).strip() != str(len(articles)):
        raise ReplyError("ArticleCount does not count the articles")
    if len(articles) != 1:
        raise ReplyError("a passive reply carries one article")
    article = articles[0]
    return {
        "type": "news",
        "articles": [
            {
                "title": article["Title"],
                "description": article.get("Description", ""),
                "pic_url": article.get("PicUrl", ""),
                "url": article.get("Url", ""),
            }
        ],
    }


def _transfer(_world: World, _account: AccountConfig, _message: dict[str, Any]) -> dict[str, Any]:
    return {"type": "transfer_customer_service"}


_READERS = {
    "text": _text,
    "image": _image,
    "voice": _voice,
    "video": _video,
    "music": _music,
    "news": _news,
    "transfer_customer_service": _transfer,
}
