"""Mass sends over WeChat's API, and the pictures and articles that they carry (`services.ports.MassMessenger`)."""

import html
import mimetypes
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any

from bot.wechat.client import AccountClient, WeChatAnswerError
from bot.wechat.mass_tags import tagged
from bot.wechat.outcomes import failure, no_account, outcome_of
from bot.wechat.tokens import TokenRefusedError
from bot.wechat.transport import TransportError
from services.ports import Article, MassContent, Reaction, SendOutcome, Uploaded


class MassSends:
    """In the name of any of our accounts. None of the methods raises for an answer of WeChat's."""

    def __init__(self, clients: Mapping[str, AccountClient]) -> None:
        self._clients = clients

    async def send_mass(
        self, account: str, openids: Sequence[str], content: MassContent, *, client_msg_id: str
    ) -> SendOutcome:
        """To 2–10,000 people, by `message/mass/send`, or `/sendall` where the account may only send by tag.

        The same id sent twice gives DUPLICATE with the first msgid.
        """
        client = self._clients.get(account)
        if client is None:
            return no_account(account)
        asked = _body(content, preview=False)
        if client.account.mass_by == "tag":
            return await _by_tag(client, openids, asked, client_msg_id)
        return await outcome_of(
            account, client.message.send_mass_to(openids, asked, clientmsgid=client_msg_id)
        )

    async def preview_mass(self, account: str, openid: str, content: MassContent) -> SendOutcome:
        """`message/mass/preview`: at most 100 a day; counts for nobody's month."""
        client = self._clients.get(account)
        if client is None:
            return no_account(account)
        return await outcome_of(account, client.message.preview_mass(openid, _body(content, preview=True)))

    async def mass_status(self, account: str, msgid: str) -> str:
        """`message/mass/get`: SEND_SUCCESS, SENDING, SEND_FAIL, DELETE; empty when WeChat does not say now."""
        client = self._clients.get(account)
        if client is None:
            return ""
        try:
            answer = await client.message.mass_status(msgid)
        except (WeChatAnswerError, TokenRefusedError, TransportError) as error:
            failure(account, error)
            return ""
        return str(answer.get("msg_status", ""))

    async def add_picture(self, account: str, picture: bytes, filename: str) -> Uploaded:
        """Keep a picture for good (`material/add_material`), for a picture message or an article's cover."""
        client = self._clients.get(account)
        if client is None:
            return Uploaded(outcome=no_account(account))
        kind = mimetypes.guess_type(filename)[0] or "image/jpeg"
        return await _uploaded(
            account, client.media.add_picture(picture, filename=filename, content_type=kind)
        )

    async def add_article(self, account: str, article: Article) -> Uploaded:
        """Keep an article as a draft (`draft/add`); its cover was added before."""
        client = self._clients.get(account)
        if client is None:
            return Uploaded(outcome=no_account(account))
        fields = {
            "title": article.title,
            "digest": article.digest,
            "content": _as_html(article.text),
            "thumb_media_id": article.cover_id,
            "content_source_url": article.link,
            "need_open_comment": 0,
        }
        return await _uploaded(account, client.media.add_draft(fields))


async def _by_tag(
    client: AccountClient, openids: Sequence[str], asked: dict[str, Any], client_msg_id: str
) -> SendOutcome:
    account = client.account.name
    try:
        tag_id = await tagged(client, openids, client_msg_id)
    except (WeChatAnswerError, TokenRefusedError, TransportError) as error:
        return _not_left(failure(account, error))
    return await outcome_of(
        account, client.message.send_mass_to_tag(tag_id, asked, clientmsgid=client_msg_id)
    )


def _not_left(outcome: SendOutcome) -> SendOutcome:
    """No message was sent yet, so whatever is not known is tried again."""
    if outcome.reaction is Reaction.UNKNOWN:
        return SendOutcome(reaction=Reaction.RETRY, errmsg=outcome.errmsg)
    return outcome


async def _uploaded(account: str, asking: Awaitable[dict[str, Any]]) -> Uploaded:
    try:
        answer = await asking
    except (WeChatAnswerError, TokenRefusedError, TransportError) as error:
        return Uploaded(outcome=_not_left(failure(account, error)))
    media_id = str(answer.get("media_id", ""))
    if not media_id:
        return Uploaded(outcome=SendOutcome(reaction=Reaction.RETRY, errmsg="upload without media_id"))
    return Uploaded(outcome=SendOutcome(reaction=Reaction.OK), media_id=media_id)


def _body(content: MassContent, *, preview: bool) -> dict[str, Any]:
    """The message's part; a preview names a picture in another way than a mass send."""
    match content.kind:
        case "text":
            return {"msgtype": "text", "text": {"content": content.text}}
        case "picture" if preview:
            return {"msgtype": "image", "image": {"media_id": content.media_id}}
        case "picture":
            return {"msgtype": "image", "images": {"media_ids": [content.media_id], "need_open_comment": 0}}
        case _:
            return {"msgtype": "mpnews", "mpnews": {"media_id": content.media_id}, "send_ignore_reprint": 0}


def _as_html(text: str) -> str:
    """Paragraphs of what was typed; nothing in it becomes markup."""
    return "".join(f"<p>{html.escape(line, quote=False) or '<br>'}</p>" for line in text.splitlines())
