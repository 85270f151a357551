"""Leaving 取消关注: messages stop at once; what only WeChat gave is forgotten seven days later (C11).

Only WeChat gave: the openid, where the conversation stands and what it remembers, media ids, the window, which person
writes from this account; and what was begun in the chat and never handed in. What was handed in is the organisation's
matter, and stays as long as its duty says. The openid goes too: nothing can be sent to who left. A keyed digest of it
stays, by which the same account is known when it comes back (`services.erasure.recalling`).
"""

from datetime import timedelta
from typing import Final
from uuid import uuid4

from services import audit
from services.erasure.carrying import delete_drafts
from services.models import Actor
from services.unit_of_work import Work
from storage.repositories.erasures import ErasureRepository
from storage.repositories.forgotten import ForgottenRepository
from storage.tables import Follower

#: Who left by mistake and comes back within these days has lost nothing. As long as WeChat's callbacks are kept.
FORGOTTEN_AFTER: Final = timedelta(days=7)
OPENID_CONTEXT: Final = b"followers.openid"
_BATCH: Final = 100
_ACTOR: Final = Actor.system("erasure")


def openid_words(account: str, openid: str) -> str:
    """What the digest of an openid is made of: it is unique within its account."""
    return f"{account}\n{openid}"


async def forget_unfollowed(work: Work) -> int:
    """Forget up to 100 of those who left seven days ago; says how many. Called by a tick."""
    repository, forgotten = ForgottenRepository(work.session), 0
    for follower in await repository.to_forget(work.now - FORGOTTEN_AFTER, _BATCH):
        locked = await repository.lock_conversation(follower.account, follower.openid)
        if locked and await repository.is_gone(follower.id):
            await _forget(work, follower)
            forgotten += 1
    return forgotten


async def _forget(work: Work, follower: Follower) -> None:
    repository, erasures = ForgottenRepository(work.session), ErasureRepository(work.session)
    await repository.withdraw_messages(follower.id, work.now)
    await delete_drafts(work, follower.id, [row.id for row in await erasures.never_handed_in(follower.id)])
    await repository.forget_media(follower.id)
    follower.openid_digest = work.tools.keyring.digest(
        openid_words(follower.account, follower.openid), context=OPENID_CONTEXT
    )
    follower.openid, follower.forgotten_at = f"forgotten:{uuid4().hex}", work.now
    follower.person_id = follower.followed_at = follower.last_inbound_at = follower.window_until = None
    follower.chat_state, follower.chat_memory, follower.chat_failures = "", {}, 0
    follower.window_left, follower.unreachable_code = 0, None
    await work.session.flush()
    audit.record(work, _ACTOR, "follower.forgotten", "follower", follower.id)
