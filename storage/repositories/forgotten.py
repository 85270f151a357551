"""Followers who left: what only WeChat gave of them is forgotten, and whoever comes back is known again (C11)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import String, Uuid, and_, case, cast, delete, exists, func, literal, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from storage.repositories.exams import OCCUPYING, among
from storage.states import DeliveryState, SittingState
from storage.tables import (
    Attachment,
    ChangeRequest,
    Document,
    Enrolment,
    ErasureRequest,
    Follower,
    OneTimeLink,
    OutboxMessage,
    Person,
    Seat,
    Sitting,
)

#: What a message says that was withdrawn because its follower left; it is queued again when they come back in time.
LEFT = "unfollowed"
_NUDGE = "nudge"
_OVER = (
    DeliveryState.ACCEPTED,
    DeliveryState.DELIVERED,
    DeliveryState.FAILED,
    DeliveryState.DEAD,
    DeliveryState.UNKNOWN,
    DeliveryState.WITHDRAWN,
)


@dataclass(frozen=True, kw_only=True)
class Before:
    """A forgotten follower of the same WeChat account, and which of their enrolments are the asked person's."""

    follower_id: UUID
    failures: int
    person_id: UUID | None
    enrolment_ids: tuple[UUID, ...]


class ForgottenRepository:
    """`followers` that left, and the rows that hold what WeChat gave of them."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    # ---- leaving, and coming back in time -------------------------------------------------------------------

    async def withdraw_messages(self, follower_id: UUID, at: datetime) -> int:
        """Take back everything that is queued for them; says how many messages.

        What tells of a decision about an enrolment counts as not delivered, so that staff see that they were not told.
        """
        decision = and_(
            OutboxMessage.enrolment_id.is_not(None),
            OutboxMessage.group_key.is_(None),
            OutboxMessage.notice != _NUDGE,
        )
        withdrawn = await self.session.scalars(
            update(OutboxMessage)
            .where(OutboxMessage.follower_id == follower_id, OutboxMessage.state == DeliveryState.QUEUED)
            .values(
                state=case((decision, DeliveryState.FAILED.value), else_=DeliveryState.WITHDRAWN.value),
                errmsg=LEFT,
                finished_at=at,
            )
            .returning(OutboxMessage.id)
            .execution_options(synchronize_session=False)
        )
        return len(withdrawn.all())

    async def queue_reminders(self, follower_id: UUID, at: datetime) -> None:
        """Queue again what was taken back of a seat that they still have, in its sitting's present plan."""
        group = func.concat(
            literal("sitting:"),
            cast(Sitting.id, String),
            ":",
            cast(Sitting.plan, String),
            ":",
            cast(Seat.enrolment_id, String),
        )
        stands = exists().where(
            Sitting.id == Seat.sitting_id,
            Seat.enrolment_id == OutboxMessage.enrolment_id,
            Seat.state.in_(OCCUPYING),
            Sitting.state != SittingState.CANCELLED,
            OutboxMessage.group_key == group,
        )
        await self.session.execute(
            update(OutboxMessage)
            .where(
                OutboxMessage.follower_id == follower_id,
                OutboxMessage.state == DeliveryState.WITHDRAWN,
                OutboxMessage.errmsg == LEFT,
                OutboxMessage.due_at > at,
                stands,
            )
            .values(state=DeliveryState.QUEUED, errmsg=None, finished_at=None)
            .execution_options(synchronize_session=False)
        )

    # ---- forgetting -----------------------------------------------------------------------------------------

    async def to_forget(self, before: datetime, limit: int) -> Sequence[Follower]:
        """Who left before then, the longest ago first; locked, without those whose message is being answered now."""
        rows = await self.session.scalars(
            select(Follower)
            .where(Follower.unfollowed_at < before, Follower.forgotten_at.is_(None))
            .order_by(Follower.unfollowed_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return rows.all()

    async def lock_conversation(self, account: str, openid: str) -> bool:
        """The lock that a message of theirs takes (`InboxRepository.take`); False while one is being answered."""
        return bool(
            await self.session.scalar(
                text("SELECT pg_try_advisory_xact_lock(hashtextextended(:person, 0))"),
                {"person": f"{account}\n{openid}"},
            )
        )

    async def is_gone(self, follower_id: UUID) -> bool:
        """Whether they are still away, read after the lock was had."""
        row = await self.session.scalar(
            select(Follower).where(Follower.id == follower_id).execution_options(populate_existing=True)
        )
        return row is not None and row.unfollowed_at is not None and row.forgotten_at is None

    async def forget_media(self, follower_id: UUID) -> None:
        """Empty WeChat's media ids, links and the words of messages; what staff decided about stays."""
        theirs = select(Enrolment.id).where(Enrolment.follower_id == follower_id)
        await self.session.execute(
            update(Document)
            .where(Document.enrolment_id.in_(theirs), Document.media_id != "")
            .values(media_id="")
        )
        requests = select(ChangeRequest.id).where(ChangeRequest.enrolment_id.in_(theirs))
        await self.session.execute(
            update(Attachment)
            .where(Attachment.change_request_id.in_(requests), Attachment.media_id != "")
            .values(media_id="")
        )
        await self.session.execute(delete(OneTimeLink).where(OneTimeLink.follower_id == follower_id))
        await self.session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.follower_id == follower_id, OutboxMessage.state.in_(_OVER))
            .values(facts={})
        )

    # ---- known again ----------------------------------------------------------------------------------------

    async def has_before(self, account: str, digests: Sequence[bytes]) -> bool:
        """Whether somebody with this openid was forgotten who has enrolments."""
        found = await self.session.scalar(
            select(Follower.id)
            .where(
                Follower.account == account,
                Follower.openid_digest.in_(digests),
                exists().where(Enrolment.follower_id == Follower.id),
            )
            .limit(1)
        )
        return found is not None

    async def find_before(
        self, account: str, digests: Sequence[bytes], identity_digests: Sequence[bytes]
    ) -> Before | None:
        """Who was forgotten under this openid, with the enrolments of the person of this number: one statement."""
        any_ = aliased(Enrolment)
        rows = (
            await self.session.execute(
                select(Follower.id, Follower.chat_failures, Person.id, Enrolment.id)
                .select_from(Follower)
                .outerjoin(Person, Person.identity_digest.in_(identity_digests))
                .outerjoin(
                    Enrolment, (Enrolment.follower_id == Follower.id) & (Enrolment.person_id == Person.id)
                )
                .where(
                    Follower.account == account,
                    Follower.openid_digest.in_(digests),
                    exists().where(any_.follower_id == Follower.id),
                )
                .order_by(Follower.forgotten_at.desc())
            )
        ).all()
        if not rows:
            return None
        follower_id, failures, person_id, _ = next((row for row in rows if row[3] is not None), rows[0])
        return Before(
            follower_id=follower_id,
            failures=failures,
            person_id=person_id,
            enrolment_ids=tuple(row[3] for row in rows if row[3] is not None),
        )

    async def count_failure(self, follower_id: UUID) -> None:
        """Somebody named another number."""
        await self.session.execute(
            update(Follower)
            .where(Follower.id == follower_id)
            .values(chat_failures=Follower.chat_failures + 1)
            .execution_options(synchronize_session=False)
        )

    async def hand_over(self, before: UUID, enrolment_ids: Collection[UUID], now: UUID) -> None:
        """These enrolments, and what was asked about them, are the new follower's: one statement."""
        asked = (
            update(ErasureRequest)
            .where(ErasureRequest.follower_id == before)
            .values(follower_id=cast(literal(now), Uuid))
        )
        await self.session.execute(
            update(Enrolment)
            .where(among(Enrolment.id, enrolment_ids))
            .values(follower_id=now, revision=Enrolment.revision + 1)
            .add_cte(asked.cte("asked"))
            .execution_options(synchronize_session=False)
        )
