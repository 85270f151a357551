"""The `Messenger` port over WeChat's API: every outcome is a value, with what is known about it and no more.

=============================================  =====================================================================
what happened                                  reaction
=============================================  =====================================================================
an errcode                                     the table's (`bot.wechat.errcodes`)
40001, 40014, 42001 again after a new token    MISCONFIGURED, so REFRESH_TOKEN never leaves this edge
no connection; no token because WeChat busy    RETRY: nothing left
timeout or drop after the request left         UNKNOWN
HTTP 502, 504; 2xx with a body that is none    UNKNOWN: something took the request
any other HTTP 5xx                             RETRY
upload of a picture failed, however            RETRY at the most: no message was sent yet
=============================================  =====================================================================

An UNKNOWN template message may be sent again within 10 min with the same `client_msg_id`: WeChat drops the second.
A customer-service message has no such id.
"""

import mimetypes
from collections.abc import Mapping

from bot.wechat.client import AccountClient, WeChatAnswerError
from bot.wechat.errcodes import classify
from bot.wechat.mass import MassSends
from bot.wechat.outcomes import failure, no_account, outcome_of
from bot.wechat.tokens import TokenRefusedError
from bot.wechat.transport import TransportError
from services.ports import (
    MediaGoneError,
    MediaUnavailableError,
    Reaction,
    SendOutcome,
)


class WeChatMessenger(MassSends):
    """Sends in the name of any of our accounts (`services.ports.Messenger`)."""

    def __init__(self, clients: Mapping[str, AccountClient]) -> None:
        super().__init__(clients)

    async def send_text(self, account: str, openid: str, text: str) -> SendOutcome:
        """Customer-service text; at most 2,048 bytes of UTF-8, or WeChat answers 45002 (`TOO_LONG`)."""
        client = self._clients.get(account)
        if client is None:
            return no_account(account)
        return await outcome_of(account, client.message.send_text(openid, text))

    async def send_image(self, account: str, openid: str, picture: bytes, filename: str) -> SendOutcome:
        """Upload as temporary media, then send as a customer-service picture."""
        client = self._clients.get(account)
        if client is None:
            return no_account(account)
        try:
            media_id = await client.media.upload_bytes(
                "image",
                picture,
                filename=filename,
                content_type=mimetypes.guess_type(filename)[0] or "image/jpeg",
            )
        except (WeChatAnswerError, TokenRefusedError, TransportError) as error:
            outcome = failure(account, error)
            if outcome.reaction is Reaction.UNKNOWN:
                return SendOutcome(reaction=Reaction.RETRY, errmsg=outcome.errmsg)
            return outcome
        except KeyError:
            return SendOutcome(reaction=Reaction.RETRY, errmsg="upload without media_id")
        return await outcome_of(account, client.message.send_image(openid, media_id))

    async def send_template(
        self,
        account: str,
        openid: str,
        template_id: str,
        fields: dict[str, str],
        *,
        url: str | None,
        client_msg_id: str,
    ) -> SendOutcome:
        """Template message; `msgid` is what TEMPLATESENDJOBFINISH will name."""
        client = self._clients.get(account)
        if client is None:
            return no_account(account)
        data = {name: {"value": value} for name, value in fields.items()}
        return await outcome_of(
            account,
            client.message.send_template(openid, template_id, data, url, client_msg_id=client_msg_id),
        )

    async def send_subscription(
        self, account: str, openid: str, template_id: str, fields: dict[str, str], *, url: str | None
    ) -> SendOutcome:
        """Subscription notice; what became of it comes as subscribe_msg_sent_event."""
        client = self._clients.get(account)
        if client is None:
            return no_account(account)
        data = {name: {"value": value} for name, value in fields.items()}
        return await outcome_of(account, client.message.send_subscription(openid, template_id, data, url))

    async def fetch_media(self, account: str, media_id: str, *, max_bytes: int) -> bytes:
        """A picture that a person sent.

        Raises:
            MediaGoneError: WeChat no longer has it.
            MediaTooLargeError: longer than `max_bytes`.
            MediaUnavailableError: not now, or the account is not set up for it; worth another try.
        """
        client = self._clients.get(account)
        if client is None:
            raise MediaUnavailableError(f"no account {account}")
        try:
            content: bytes = await client.media.fetch(media_id, max_bytes=max_bytes)
        except WeChatAnswerError as error:
            if classify(error.errcode, error.errmsg) is Reaction.UPLOAD_AGAIN:
                raise MediaGoneError(f"{error.errcode} {error.errmsg}") from error
            raise MediaUnavailableError(failure(account, error).errmsg) from error
        except (TokenRefusedError, TransportError) as error:
            raise MediaUnavailableError(failure(account, error).errmsg) from error
        return content
