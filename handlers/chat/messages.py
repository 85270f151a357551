"""What a follower sends and what we answer, freed of XML: the border between the WeChat edge and the chat.

The edge (`bot.wechat`) turns a callback into one `Inbound`; the chat turns it into one `Reply`.
"""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Inbound:
    """One callback of the platform, whatever its kind."""

    #: Our name of the official account (`ZHENGTU_WECHAT__<NAME>__…`), never the app id.
    account: str
    openid: str
    #: MsgId for messages; FromUserName, CreateTime, Event, EventKey (and MsgID for receipts) for events.
    dedupe_key: str
    #: CreateTime, aware UTC.
    sent_at: datetime


@dataclass(frozen=True, kw_only=True)
class TextMessage(Inbound):
    """A text; `content` is stripped, and empty when WeChat sent none. `menu_id` is bizmsgmenuid of a msgmenu tap."""

    content: str
    menu_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class ImageMessage(Inbound):
    """A photo; fetch it by `media_id` within 3 days."""

    media_id: str
    pic_url: str = ""


@dataclass(frozen=True, kw_only=True)
class OtherMessage(Inbound):
    """voice, video, shortvideo, location, link: answered with what we can take instead."""

    kind: str
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Subscribed(Inbound):
    """Followed the account; `scene` is set when by a scene QR (without `qrscene_`)."""

    scene: str | None = None


@dataclass(frozen=True, kw_only=True)
class Unsubscribed(Inbound):
    """Unfollowed: sending stops."""


@dataclass(frozen=True, kw_only=True)
class Scanned(Inbound):
    """Scanned a scene QR while already following."""

    scene: str


@dataclass(frozen=True, kw_only=True)
class MenuClicked(Inbound):
    """A CLICK menu item; scancode_* and pic_* events keep their own kind as `OtherEvent`."""

    key: str


@dataclass(frozen=True, kw_only=True)
class TemplateReceipt(Inbound):
    """TEMPLATESENDJOBFINISH: `status` is `success`, `failed:user block` or `failed: system failed`."""

    msgid: str
    status: str


@dataclass(frozen=True, kw_only=True)
class MassReceipt(Inbound):
    """MASSSENDJOBFINISH with its counts."""

    msgid: str
    status: str
    total: int
    filtered: int
    sent: int
    errors: int


@dataclass(frozen=True, kw_only=True)
class OtherEvent(Inbound):
    """Any other event, known or not: logged and answered `success`. `facts` holds its flat fields."""

    event: str
    key: str = ""
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class TextReply:
    """≤ 2048 bytes UTF-8 on the wire; the renderer cuts at a line and says that it did."""

    text: str


@dataclass(frozen=True, kw_only=True)
class ImageReply:
    """A picture that was uploaded before."""

    media_id: str


@dataclass(frozen=True, kw_only=True)
class NewsReply:
    """One card with a link."""

    title: str
    description: str
    url: str
    picture_url: str = ""


@dataclass(frozen=True, kw_only=True)
class HandOver:
    """Hand the follower to a human (transfer_customer_service)."""


@dataclass(frozen=True, kw_only=True)
class NoReply:
    """Answer `success` and nothing more."""


Reply = TextReply | ImageReply | NewsReply | HandOver | NoReply
