"""What WeChat's answers, or their absence, say of one attempt: see the table in `bot.wechat.messenger`."""

from collections.abc import Awaitable
from typing import Any

import structlog

from bot.wechat.client import WeChatAnswerError
from bot.wechat.errcodes import ALARMS, classify, classify_status, explain
from bot.wechat.tokens import TokenRefusedError
from bot.wechat.transport import (
    AnswerLostError,
    GarbageAnswerError,
    HttpStatusError,
    NeverLeftError,
    TransportError,
)
from services.ports import Reaction, SendOutcome

log = structlog.get_logger(__name__)


async def outcome_of(account: str, sending: Awaitable[dict[str, Any]]) -> SendOutcome:
    """Of a request that sends something."""
    try:
        answer = await sending
    except (WeChatAnswerError, TokenRefusedError, TransportError) as error:
        return failure(account, error)
    return SendOutcome(reaction=Reaction.OK, errmsg=str(answer.get("errmsg", "")), msgid=_msgid(answer))


def failure(account: str, error: Exception) -> SendOutcome:
    """Of what was raised by it; anything but WeChat's and the transport's is raised again."""
    match error:
        case (
            WeChatAnswerError(errcode=errcode, errmsg=errmsg)
            | TokenRefusedError(errcode=errcode, errmsg=errmsg)
        ):
            reaction = classify(errcode, errmsg)
            if reaction is Reaction.REFRESH_TOKEN:
                reaction = Reaction.MISCONFIGURED
        case HttpStatusError(status=status):
            errcode, errmsg, reaction = 0, str(error), classify_status(status)
        case AnswerLostError() | GarbageAnswerError():
            errcode, errmsg, reaction = 0, str(error), Reaction.UNKNOWN
        case NeverLeftError():
            errcode, errmsg, reaction = 0, str(error), Reaction.RETRY
        case _:
            raise error
    if reaction in ALARMS:
        log.error(
            "wechat.send.alarm",
            account=account,
            reaction=reaction.value,
            errcode=errcode,
            errmsg=errmsg,
            explanation=explain(errcode) if errcode else errmsg,
        )
    msgid = _msgid(error.answer) if isinstance(error, WeChatAnswerError) else None
    return SendOutcome(reaction=reaction, errcode=errcode, errmsg=errmsg, msgid=msgid)


def _msgid(answer: dict[str, Any]) -> str | None:
    given = answer.get("msgid") or answer.get("msg_id")
    return str(given) if given else None


def no_account(account: str) -> SendOutcome:
    """Of an account that is not set up here."""
    return SendOutcome(reaction=Reaction.MISCONFIGURED, errmsg=f"no account {account}")
