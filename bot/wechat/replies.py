"""From a `Reply` to the XML that WeChat shows as the answer to a callback.

Own code on purpose: a person's text may hold `]]>` and control characters, and wechatpy writes both out as they are.
"""

import re
from datetime import datetime
from typing import assert_never

from handlers.chat.messages import HandOver, ImageReply, NewsReply, NoReply, Reply, TextReply

#: A passive text answer, UTF-8.
MAX_TEXT_BYTES = 2048
_ELLIPSIS = "……"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(reply: Reply, *, to_openid: str, from_id: str, at: datetime) -> str | None:
    """The answer's XML, in plain text; None means that `success` is the answer.

    A blank text is no answer either: WeChat refuses an empty `Content` and shows the follower an error.

    Args:
        from_id: the account's original id (`gh_…`), which is the callback's ToUserName.
        at: an aware time.
    """
    body = _body(reply)
    if body is None:
        return None
    kind, content = body
    return (
        f"<xml><ToUserName>{cdata(to_openid)}</ToUserName>"
        f"<FromUserName>{cdata(from_id)}</FromUserName>"
        f"<CreateTime>{int(at.timestamp())}</CreateTime>"
        f"<MsgType>{cdata(kind)}</MsgType>{content}</xml>"
    )


def _body(reply: Reply) -> tuple[str, str] | None:
    match reply:
        case TextReply(text=text):
            shown = fit(_NOT_XML.sub("", text).strip("\n"))
            return ("text", f"<Content>{cdata(shown)}</Content>") if shown.strip() else None
        case ImageReply(media_id=media_id):
            return "image", f"<Image><MediaId>{cdata(media_id)}</MediaId></Image>"
        case NewsReply(title=title, description=description, url=url, picture_url=picture_url):
            return "news", (
                "<ArticleCount>1</ArticleCount><Articles><item>"
                f"<Title>{cdata(title)}</Title><Description>{cdata(description)}</Description>"
                f"<PicUrl>{cdata(picture_url)}</PicUrl><Url>{cdata(url)}</Url>"
                "</item></Articles>"
            )
        case HandOver():
            return "transfer_customer_service", ""
        case NoReply():
            return None
        case _:
            assert_never(reply)


def cdata(text: str) -> str:
    """`text` as CDATA: characters XML forbids are dropped, `]]>` is split over two sections."""
    return "<![CDATA[" + _NOT_XML.sub("", text).replace("]]>", "]]]]><![CDATA[>") + "]]>"


def fit(text: str, limit: int = MAX_TEXT_BYTES) -> str:
    """`text` in at most `limit` bytes of UTF-8.

    A longer one ends in “……”: cut at the last line that fits, or inside a line when that would lose more than half,
    never inside a character, and never inside a link.
    """
    encoded = text.encode()
    if len(encoded) <= limit:
        return text
    room = limit - len(("\n" + _ELLIPSIS).encode())
    head = encoded[:room].decode(errors="ignore")
    opened = head.rfind("<a ")
    if opened >= 0 and "</a>" not in head[opened:] and "</a>" in text[opened:]:
        head = head[:opened]
    line_end = head.rfind("\n")
    if line_end >= len(head) // 2:
        return head[:line_end].rstrip() + "\n" + _ELLIPSIS
    return head.rstrip() + _ELLIPSIS
