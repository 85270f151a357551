"""From a callback's XML to one `Inbound`: every message and event of the platform, and `OtherEvent` for the rest."""

import hashlib
import re
from datetime import UTC, datetime
from typing import TypedDict

from bot.wechat.account import WeChatAccount
from bot.wechat.crypto import ForgedCallbackError
from bot.wechat.xml import MalformedCallbackError, read_fields
from handlers.chat.messages import (
    ImageMessage,
    Inbound,
    MassReceipt,
    MenuClicked,
    OtherEvent,
    OtherMessage,
    Scanned,
    Subscribed,
    TemplateReceipt,
    TextMessage,
    Unsubscribed,
)

#: The platform's message kinds.
MESSAGES = frozenset({"text", "image", "voice", "video", "shortvideo", "location", "link"})
#: The platform's events, in lower case; any other is answered `success` and logged as unknown.
EVENTS = frozenset(
    {
        "subscribe",
        "unsubscribe",
        "scan",
        "location",
        "click",
        "view",
        "view_miniprogram",
        "scancode_push",
        "scancode_waitmsg",
        "pic_sysphoto",
        "pic_photo_or_album",
        "pic_weixin",
        "location_select",
        "templatesendjobfinish",
        "masssendjobfinish",
        "publishjobfinish",
        "subscribe_msg_popup_event",
        "subscribe_msg_change_event",
        "subscribe_msg_sent_event",
        "kf_create_session",
        "kf_close_session",
        "kf_switch_session",
        "user_info_modified",
        "user_authorization_revoke",
        "qualification_verify_success",
        "qualification_verify_fail",
        "naming_verify_success",
        "naming_verify_fail",
        "annual_renew",
        "verify_expired",
    }
)

#: A dedupe key longer than this keeps its head and gets a digest for a tail, so that a column may be bounded.
MAX_DEDUPE_KEY = 200

_OPENID = re.compile(r"[\w@.\-]{1,64}", re.ASCII)
_NUMBER = re.compile(r"\d{1,20}", re.ASCII)
#: Until the year 5138: what `datetime` and PostgreSQL hold.
_SECONDS = re.compile(r"\d{1,11}", re.ASCII)
_SCENE_PREFIX = "qrscene_"
_ENVELOPE = frozenset(
    {"ToUserName", "FromUserName", "CreateTime", "MsgType", "MsgId", "Event", "EventKey", "Encrypt"}
)


class _Envelope(TypedDict):
    account: str
    openid: str
    dedupe_key: str
    sent_at: datetime


def parse(account: WeChatAccount, body: bytes | str) -> Inbound:
    """What the plain XML `body` says.

    Raises:
        MalformedCallbackError: no callback of the platform.
        ForgedCallbackError: addressed to another account.
    """
    return to_inbound(account, read_fields(body))


def to_inbound(account: WeChatAccount, fields: dict[str, str]) -> Inbound:
    """As `parse`, from the fields that `read_fields` gave.

    The dedupe key is MsgId for a message; FromUserName, CreateTime, Event and EventKey for an event, and MsgID for
    those that carry one (receipts).
    """
    addressee = _need(fields, "ToUserName", _OPENID)
    if account.original_id and addressee != account.original_id:
        raise ForgedCallbackError("not our original id")
    kind = _need(fields, "MsgType").lower()
    if kind == "event":
        return _event(account, fields)
    return _message(account, kind, fields)


def _message(account: WeChatAccount, kind: str, fields: dict[str, str]) -> Inbound:
    if kind in MESSAGES or fields.get("MsgId"):
        dedupe_key = "msg:" + _need(fields, "MsgId", _NUMBER)
    else:
        # A kind that came after this table: it is answered too, and told apart as well as can be.
        dedupe_key = "|".join((kind, fields.get("FromUserName", ""), fields.get("CreateTime", "")))
    envelope = _envelope(account, fields, dedupe_key)
    match kind:
        case "text":
            return TextMessage(
                **envelope, content=fields.get("Content", ""), menu_id=fields.get("bizmsgmenuid") or None
            )
        case "image":
            return ImageMessage(
                **envelope, media_id=_need(fields, "MediaId"), pic_url=fields.get("PicUrl", "")
            )
        case _:
            return OtherMessage(**envelope, kind=kind, facts=_facts(fields))


def _event(account: WeChatAccount, fields: dict[str, str]) -> Inbound:
    event = _need(fields, "Event")
    key = fields.get("EventKey", "")
    msgid = fields.get("MsgID", "")
    parts = [fields.get("FromUserName", ""), fields.get("CreateTime", ""), event, key]
    envelope = _envelope(account, fields, "event:" + "|".join([*parts, msgid] if msgid else parts))
    match event.lower():
        case "subscribe":
            scene = key.removeprefix(_SCENE_PREFIX) if key.startswith(_SCENE_PREFIX) else ""
            return Subscribed(**envelope, scene=scene or None)
        case "unsubscribe":
            return Unsubscribed(**envelope)
        case "scan" if key:
            return Scanned(**envelope, scene=key)
        case "click" if key:
            return MenuClicked(**envelope, key=key)
        case "templatesendjobfinish":
            return TemplateReceipt(
                **envelope, msgid=_need(fields, "MsgID", _NUMBER), status=fields.get("Status", "")
            )
        case "masssendjobfinish":
            return MassReceipt(
                **envelope,
                msgid=_need(fields, "MsgID", _NUMBER),
                status=fields.get("Status", ""),
                total=_count(fields, "TotalCount"),
                filtered=_count(fields, "FilterCount"),
                sent=_count(fields, "SentCount"),
                errors=_count(fields, "ErrorCount"),
            )
        case _:
            return OtherEvent(**envelope, event=event, key=key, facts=_facts(fields))


def _envelope(account: WeChatAccount, fields: dict[str, str], dedupe_key: str) -> _Envelope:
    seconds = int(_need(fields, "CreateTime", _SECONDS))
    return {
        "account": account.name,
        "openid": _need(fields, "FromUserName", _OPENID),
        "dedupe_key": _bounded(dedupe_key),
        "sent_at": datetime.fromtimestamp(seconds, UTC),
    }


def _bounded(key: str) -> str:
    if len(key) <= MAX_DEDUPE_KEY:
        return key
    digest = hashlib.sha256(key.encode()).hexdigest()
    return key[: MAX_DEDUPE_KEY - len(digest) - 1] + "#" + digest


def _facts(fields: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in fields.items() if name not in _ENVELOPE}


def _need(fields: dict[str, str], name: str, pattern: re.Pattern[str] | None = None) -> str:
    value = fields.get(name, "")
    if not value or (pattern and not pattern.fullmatch(value)):
        raise MalformedCallbackError(f"field {name}")
    return value


def _count(fields: dict[str, str], name: str) -> int:
    return int(_need(fields, name, _SECONDS)) if fields.get(name) else 0
