"""A mass send by tag, for accounts that may not send to a list of openids: the people of a batch get a tag of its own.

WeChat sends to whoever carries the tag, and that is exactly the frozen batch. Each step may be repeated: the tag is found
by its name, tagging twice changes nothing, and the send itself carries the batch's id. A tag is left for two days,
because WeChat reads it when it sends, and goes when a later batch is tagged.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bot.wechat.client import AccountClient, WeChatAnswerError

#: People of one call of `tags/members/batchtagging`.
AT_ONCE: Final = 50
_PREFIX: Final = "zt"
_EXISTS: Final = 45157
#: An openid that is none, or of another account, or does not follow any more: the others of its fifty go on.
_NOBODY: Final = (40003, 43004, 49003)


async def tagged(client: AccountClient, openids: Sequence[str], client_msg_id: str) -> int:
    """The id of the tag that exactly these carry. Raises WeChatAnswerError, TransportError, TokenRefusedError."""
    known = {str(tag["name"]): int(tag["id"]) for tag in await client.tag.get()}
    await _sweep(client, known)
    today = datetime.now(UTC).strftime("%m%d")
    digest = hashlib.sha256(client_msg_id.encode()).hexdigest()[:16]
    # A repeat after midnight finds the tag of the day before.
    name = next((name for name in known if name.endswith(digest)), f"{_PREFIX}{today}{digest}")
    tag_id = known[name] if name in known else await _create(client, name)
    for start in range(0, len(openids), AT_ONCE):
        await _tag(client, tag_id, openids[start : start + AT_ONCE])
    return tag_id


async def _create(client: AccountClient, name: str) -> int:
    try:
        tag: dict[str, Any] = await client.tag.create(name)
    except WeChatAnswerError as error:
        if error.errcode != _EXISTS:
            raise
        # Another process made it in between.
        tag = next(tag for tag in await client.tag.get() if tag["name"] == name)
    return int(tag["id"])


async def _tag(client: AccountClient, tag_id: int, openids: Sequence[str]) -> None:
    try:
        await client.tag.tag_user(tag_id, list(openids))
    except WeChatAnswerError as error:
        if error.errcode not in _NOBODY or len(openids) == 1:
            if error.errcode in _NOBODY:
                return
            raise
        for openid in openids:
            await _tag(client, tag_id, [openid])


async def _sweep(client: AccountClient, known: dict[str, int]) -> None:
    """Take away our tags of the days before yesterday; a month is as far as their names reach."""
    now = datetime.now(UTC)
    kept = {(now + timedelta(days=days)).strftime("%m%d") for days in (-1, 0, 1)}
    for name, tag_id in list(known.items()):
        if name.startswith(_PREFIX) and len(name) == 22 and name[2:6].isdigit() and name[2:6] not in kept:
            await client.tag.delete(tag_id)
            del known[name]
