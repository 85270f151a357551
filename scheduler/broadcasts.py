"""The broadcast loop: batches of mass sends, tests to oneself, what fills the outbox, and what WeChat is asked.

Any number of loops may run on one database. Each step claims in a transaction of its own, and every claim has a lease
and a fence, so that a process may be killed anywhere.
"""

import asyncio
from typing import Final

import structlog
from sqlalchemy.exc import DBAPIError, InterfaceError

from services.broadcasts import trying
from services.broadcasts.models import Content, ContentKind
from services.broadcasts.receipts import next_question, take_answer
from services.broadcasts.running import feed_one
from services.broadcasts.sending import ChunkClaim, ChunkService
from services.broadcasts.trying import TestClaim
from services.ports import Article, MassContent, Messenger, Reaction, SendOutcome
from services.unit_of_work import Tools
from storage.crypto import DecryptionError
from storage.files import FileMissingError

log = structlog.get_logger(__name__)

IDLE_SECONDS: Final = 1.0
DATABASE_AWAY_SECONDS: Final = 1.0
FINISH_TRIES: Final = 60
_AWAY = (OSError, TimeoutError, InterfaceError, DBAPIError)


class BroadcastLoop:
    """Sends what is approved and started."""

    def __init__(self, tools: Tools, messenger: Messenger, owner: str) -> None:
        self.tools = tools
        self.messenger = messenger
        self.owner = owner

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`; a batch that is on its way then is sent and kept before this returns."""
        while not stop.is_set():
            if await self.once():
                continue
            try:
                async with asyncio.timeout(IDLE_SECONDS):
                    await stop.wait()
            except TimeoutError:
                continue

    async def once(self) -> bool:
        """One round: whatever there is to do, of each kind one; says whether there was anything."""
        done = False
        for step in (self._test, self._batch, self._feed, self._ask):
            try:
                done = await step() or done
            except _AWAY as error:
                log.error("broadcast.database_away", error=type(error).__name__)
                await asyncio.sleep(DATABASE_AWAY_SECONDS)
            except Exception:
                log.exception("broadcast.broken", step=step.__name__)
                await asyncio.sleep(DATABASE_AWAY_SECONDS)
        return done

    async def _batch(self) -> bool:
        async with self.tools.unit_of_work() as work:
            claim = await ChunkService(work).claim(self.owner)
        if claim is None:
            return False
        outcome = await self._send(claim)
        for _ in range(FINISH_TRIES):
            try:
                async with self.tools.unit_of_work() as work:
                    verdict = await ChunkService(work).finish(claim, outcome)
            except _AWAY:
                await asyncio.sleep(DATABASE_AWAY_SECONDS)
                continue
            if verdict is not None:
                log.info(
                    "broadcast.batch",
                    batch=claim.client_msg_id,
                    people=len(claim.openids),
                    fate=verdict.fate.value,
                    errcode=outcome.errcode,
                )
            break
        return True

    async def _send(self, claim: ChunkClaim) -> SendOutcome:
        try:
            material, failed = await self._material(
                claim.account, claim.content, claim.picture_key, claim.material_id
            )
            if failed is not None:
                return failed
            if material and material != claim.material_id:
                async with self.tools.unit_of_work() as work:
                    await ChunkService(work).keep_material(claim, material)
        except _AWAY as error:
            return SendOutcome(reaction=Reaction.RETRY, errmsg=type(error).__name__)
        except (FileMissingError, DecryptionError) as error:
            log.error("broadcast.no_picture", broadcast=str(claim.broadcast_id), error=type(error).__name__)
            return SendOutcome(reaction=Reaction.DEAD, errmsg=f"picture: {type(error).__name__}")
        try:
            return await self.messenger.send_mass(
                claim.account,
                claim.openids,
                _mass(claim.content, material),
                client_msg_id=claim.client_msg_id,
            )
        except Exception as error:
            # Ours to mend. It may have left before it broke; the same id goes again.
            log.exception("broadcast.send_broken", batch=claim.client_msg_id)
            return SendOutcome(reaction=Reaction.UNKNOWN, errmsg=f"{type(error).__name__} while sending")

    async def _material(
        self, account: str, content: Content, picture_key: str, known: str
    ) -> tuple[str, SendOutcome | None]:
        """The media id of what a message carries, uploaded when it is not known; or why there is none."""
        if content.kind is ContentKind.TEXT or known:
            return known, None
        picture = await self.tools.files.get(picture_key)
        suffix = "png" if picture.startswith(b"\x89PNG") else "jpg"
        uploaded = await self.messenger.add_picture(account, picture, f"picture.{suffix}")
        if uploaded.media_id and content.kind is ContentKind.ARTICLE:
            uploaded = await self.messenger.add_article(
                account,
                Article(
                    title=content.title,
                    digest=content.digest,
                    text=content.text,
                    link=content.link,
                    cover_id=uploaded.media_id,
                ),
            )
        return uploaded.media_id, None if uploaded.media_id else uploaded.outcome

    async def _test(self) -> bool:
        async with self.tools.unit_of_work() as work:
            claim = await trying.claim(work, self.owner)
        if claim is None:
            return False
        outcome = await self._try(claim)
        async with self.tools.unit_of_work() as work:
            await trying.finish(work, claim, outcome)
        return True

    async def _try(self, claim: TestClaim) -> SendOutcome:
        try:
            material, failed = await self._material(claim.account, claim.content, claim.picture_key, "")
            if failed is not None:
                return failed
            if claim.personal:
                return await self.messenger.send_text(claim.account, claim.openid, claim.content.text)
            return await self.messenger.preview_mass(
                claim.account, claim.openid, _mass(claim.content, material)
            )
        except Exception as error:
            log.exception("broadcast.test_broken", test=str(claim.id))
            return SendOutcome(reaction=Reaction.UNKNOWN, errmsg=f"{type(error).__name__} while sending")

    async def _feed(self) -> bool:
        async with self.tools.unit_of_work() as work:
            return await feed_one(work) > 0

    async def _ask(self) -> bool:
        async with self.tools.unit_of_work() as work:
            question = await next_question(work)
        if question is None:
            return False
        status = await self.messenger.mass_status(question.account, question.msgid)
        if status:
            async with self.tools.unit_of_work() as work:
                await take_answer(work, question, status)
        return True


def _mass(content: Content, material: str) -> MassContent:
    return MassContent(kind=content.kind.value, text=content.text, media_id=material)
