"""The delivery loop: claims what is due, sends it, keeps what came of it.

Idle, it looks at the outbox twice a second: two statements on partial indexes, which costs less than it would to have
every writer notify. Busy, it looks again as soon as there is room for a good part of its sends: claims and finishes are
written in groups, so the more is to be sent, the less each message costs. What is claimed is being sent: nothing waits
in this process while its lease runs.
"""

import asyncio
import dataclasses
from collections import Counter
from collections.abc import Sequence
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError, InterfaceError

from services.appeals import telling as appeals
from services.certificates import late_facts
from services.delivery.gates import GateService
from services.delivery.service import Claim, DeliveryService, Finish, TemplateIds
from services.groups import GroupWriter
from services.notices.catalogue import NOTICES, render_fields, render_text
from services.notices.sealed import with_text
from services.ports import Messenger, Reaction, SendOutcome
from services.rules.delivery import (
    Channel,
    Fate,
    Verdict,
    fit_text,
    goes_without_picture,
)
from services.rules.pacing import Limits
from services.unit_of_work import Tools, Work
from storage.crypto import DecryptionError
from storage.files import FileMissingError

log = structlog.get_logger(__name__)

IDLE_SECONDS: Final = 0.5
#: The database is away: look again after so long; a finished send is kept in mind for as long as its lease.
DATABASE_AWAY_SECONDS: Final = 1.0
FINISH_TRIES: Final = 60
#: Sends under way together, and the part of them that must be free before more is claimed while others go on.
CONCURRENCY: Final = 400
REFILL: Final = 2
REFILL_SECONDS: Final = 0.02
#: How every PNG begins; our other pictures are JPEG.
_PNG: Final = b"\x89PNG"
DATABASE_AWAY = (OSError, TimeoutError, InterfaceError, DBAPIError)


@dataclasses.dataclass(frozen=True)
class TemplateMessage:
    """A template message in words: its linted fields, and the page that it opens."""

    fields: dict[str, str]
    url: str | None


#: What is to be sent, or what became of it because it has no words.
Message = str | TemplateMessage | SendOutcome


class LostClaimError(Exception):
    """The claim lapsed and went to another process; nothing more may be sent under it."""


class DeliveryLoop:
    """Sends what is in the outbox; any number of loops may run on one database, each with an `owner` of its own."""

    def __init__(
        self,
        tools: Tools,
        messenger: Messenger,
        templates: TemplateIds,
        owner: str,
        *,
        concurrency: int = CONCURRENCY,
        limits: Limits | None = None,
    ) -> None:
        self.tools = tools
        self.messenger = messenger
        #: Template ids by account and by our key of the template.
        self.templates = templates
        self.owner = owner
        self.concurrency = concurrency
        #: Of all processes together; each has to have the same.
        self.limits = limits or Limits()
        self._sending: set[asyncio.Task[None]] = set()
        self._finishes: GroupWriter[Finish, Verdict | None] = GroupWriter(self._write_finishes)
        #: Tokens that were taken and not used: given back at the next look.
        self._unused: dict[str, int] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`; then what was claimed is sent and kept before this returns."""
        stopped = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                seen = await self._start_some()
                if seen:
                    await self._wait_for_room(stopped)
                else:
                    await asyncio.wait(
                        {stopped, *self._sending},
                        timeout=IDLE_SECONDS if len(self._sending) < self.concurrency else None,
                        return_when=asyncio.FIRST_COMPLETED,
                    )
        finally:
            stopped.cancel()
            if self._sending:
                await asyncio.shield(asyncio.wait(set(self._sending)))

    async def _start_some(self) -> int:
        """Claim as many as there is room for and begin to send them; says how many messages were looked at."""
        room = self.concurrency - len(self._sending)
        unused, self._unused = self._unused, {}
        try:
            async with self.tools.unit_of_work() as work:
                gates = await GateService(work).look(room, self.limits, unused)
            async with self.tools.unit_of_work() as work:
                batch = await DeliveryService(work).claim(
                    self.owner, room, templates=self.templates, gates=gates
                )
        except DATABASE_AWAY as error:
            log.error("delivery.database_away", error=type(error).__name__)
            await asyncio.sleep(DATABASE_AWAY_SECONDS)
            return 0
        except Exception:
            log.exception("delivery.claim_broken")
            await asyncio.sleep(DATABASE_AWAY_SECONDS)
            return 0
        used = Counter(claim.account for claim in batch.claims)
        self._unused = {account: share - used[account] for account, share in gates.shares.items()}
        messages = await self._render_all(batch.claims)
        for claim in batch.claims:
            task = asyncio.create_task(self._deliver(claim, messages[claim.id]))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)
        return batch.seen

    async def _wait_for_room(self, stopped: asyncio.Task[bool]) -> None:
        """Until a good part of the sends is free, or so long that one slow send holds nobody up."""
        wanted = max(1, self.concurrency // REFILL)
        while self.concurrency - len(self._sending) < wanted and not stopped.done():
            full = len(self._sending) >= self.concurrency
            done, _ = await asyncio.wait(
                {stopped, *self._sending},
                timeout=None if full else REFILL_SECONDS,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if not done:
                return

    async def _deliver(self, claim: Claim, message: Message) -> None:
        try:
            sent, outcome, note = await self._send(claim, message)
        except LostClaimError:
            log.warning("delivery.claim_lost", message=str(claim.id))
            return
        verdict = await self._finish(sent, outcome, note)
        if verdict is None:
            return
        if verdict.fate in (Fate.DEAD, Fate.UNKNOWN):
            log.error(
                "delivery.alarm",
                message=str(claim.id),
                account=claim.account,
                notice=claim.notice,
                fate=verdict.fate.value,
                errcode=outcome.errcode,
                errmsg=outcome.errmsg,
            )

    async def _send(self, claim: Claim, message: Message) -> tuple[Claim, SendOutcome, str]:
        """Send; gives the claim as it stands then, the answer, and a note for staff."""
        if isinstance(message, SendOutcome):
            return claim, message, ""
        note = ""
        try:
            if isinstance(message, TemplateMessage):
                return claim, await self._send_template(claim, message), ""
            if claim.picture_first:
                failed, note = await self._send_picture(claim)
                if failed is not None:
                    return claim, failed, ""
                await self._keep_picture_sent(claim)
                claim = dataclasses.replace(
                    claim, channel=Channel.AFTER_PICTURE, picture_first=False, window_messages=1
                )
            return claim, await self.messenger.send_text(claim.account, claim.openid, message), note
        except LostClaimError:
            raise
        except Exception as error:
            # Ours to mend. It may have left before it broke, so nothing is sent again blindly.
            log.exception("delivery.broken", message=str(claim.id), notice=claim.notice)
            outcome = SendOutcome(reaction=Reaction.UNKNOWN, errmsg=f"{type(error).__name__} while sending")
            return claim, outcome, note

    async def _render_all(self, claims: Sequence[Claim]) -> dict[UUID, Message]:
        """The words of each; an outcome for one that has none, which takes no other with it."""
        try:
            async with self.tools.unit_of_work() as work:
                return {claim.id: await self._render(work, claim) for claim in claims}
        except DATABASE_AWAY:
            return {claim.id: await self._render_alone(claim) for claim in claims}

    async def _render_alone(self, claim: Claim) -> Message:
        try:
            async with self.tools.unit_of_work() as work:
                return await self._render(work, claim)
        except DATABASE_AWAY as error:
            return SendOutcome(reaction=Reaction.RETRY, errmsg=type(error).__name__)

    async def _render(self, work: Work, claim: Claim) -> Message:
        try:
            notice = NOTICES[claim.notice]
            facts = await appeals.late_facts(work, await late_facts(work, claim.facts))
            facts = with_text(work, facts)
            if claim.channel not in (Channel.TEMPLATE, Channel.SUBSCRIPTION):
                return fit_text(render_text(notice, facts))
            if notice.template is None:
                raise LookupError(f"{claim.notice} has no template")
            path = notice.path.format_map(facts)
            return TemplateMessage(
                fields=render_fields(notice.template, facts),
                url=f"{self.tools.public_url}{path}" if path else None,
            )
        except DATABASE_AWAY:
            raise
        except Exception as error:
            log.exception("delivery.unreadable", message=str(claim.id), notice=claim.notice)
            return SendOutcome(reaction=Reaction.DEAD, errmsg=f"{type(error).__name__} in its words")

    async def _send_template(self, claim: Claim, message: TemplateMessage) -> SendOutcome:
        if claim.channel is Channel.SUBSCRIPTION:
            return await self.messenger.send_subscription(
                claim.account, claim.openid, claim.template_id, message.fields, url=message.url
            )
        return await self.messenger.send_template(
            claim.account,
            claim.openid,
            claim.template_id,
            message.fields,
            url=message.url,
            client_msg_id=claim.client_msg_id,
        )

    async def _send_picture(self, claim: Claim) -> tuple[SendOutcome | None, str]:
        """Send the picture; an outcome when the message as a whole has to end with it, and a note for staff."""
        file_key = str(claim.facts[NOTICES[claim.notice].picture_fact])
        try:
            content = await self.tools.files.get(file_key)
        except (FileMissingError, DecryptionError) as error:
            log.error("delivery.no_picture", message=str(claim.id), error=type(error).__name__)
            return None, f"picture: {type(error).__name__}"
        suffix = ".png" if content.startswith(_PNG) else ".jpg"
        outcome = await self.messenger.send_image(
            claim.account, claim.openid, content, f"{claim.notice}{suffix}"
        )
        if outcome.reaction in (Reaction.OK, Reaction.DUPLICATE):
            return None, ""
        if goes_without_picture(outcome.reaction, claim.tries):
            return None, f"picture: {outcome.reaction} {outcome.errcode} {outcome.errmsg}".rstrip()
        return outcome, ""

    async def _keep_picture_sent(self, claim: Claim) -> None:
        for _ in range(FINISH_TRIES):
            try:
                async with self.tools.unit_of_work() as work:
                    kept = await DeliveryService(work).picture_sent(claim)
            except DATABASE_AWAY:
                await asyncio.sleep(DATABASE_AWAY_SECONDS)
                continue
            if not kept:
                raise LostClaimError
            return
        raise LostClaimError

    async def _finish(self, claim: Claim, outcome: SendOutcome, note: str) -> Verdict | None:
        for _ in range(FINISH_TRIES):
            try:
                return await self._finishes.put(Finish(claim=claim, outcome=outcome, note=note))
            except DATABASE_AWAY as error:
                log.error("delivery.database_away", error=type(error).__name__)
                await asyncio.sleep(DATABASE_AWAY_SECONDS)
            except Exception:
                log.exception("delivery.finish_broken", message=str(claim.id))
                return None
        return None

    async def _write_finishes(self, finishes: Sequence[Finish]) -> list[Verdict | None]:
        async with self.tools.unit_of_work() as work:
            return await DeliveryService(work).finish_many(finishes)
