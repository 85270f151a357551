"""Messages that nobody knows of whether they arrived, or that were given up: shown to staff, who decide (B9).

An `unknown` message may have arrived, so it is never sent again by itself. Whoever sends it again does so knowingly: as
a new message with an id of its own, which the person may then read twice.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from services import audit
from services.access import ensure_officer, visible_organisation
from services.errors import ConflictError, NotFoundError, ServiceError
from services.models import Actor, DeliveryDecision, DeliveryState, StaffRole
from services.unit_of_work import Work
from storage.repositories.undecided import UndecidedRepository, Viewer
from storage.tables import Enrolment, Follower, OutboxMessage

REASON_LIMIT: Final = 200


@dataclass(frozen=True, kw_only=True)
class UndecidedMessage:
    """What is known about a message that has to be decided about."""

    id: UUID
    #: A key of `services.notices.NOTICES`.
    notice: str
    #: `unknown` or `dead`.
    state: DeliveryState
    #: None for a message that is about no enrolment.
    enrolment_id: UUID | None
    enrolment_number: int | None
    #: A value of `services.rules.delivery.Channel`, empty when none was chosen.
    channel: str
    created_at: datetime
    #: When the send that may have left began, by the database's clock.
    first_sent_at: datetime | None
    tries: int
    errcode: int | None
    errmsg: str
    #: Nothing can be sent to this person, or its words are forgotten: it can only be set aside.
    sendable: bool
    decision: DeliveryDecision | None


@dataclass(frozen=True, kw_only=True)
class UndecidedPage:
    """Some of them, the oldest first."""

    items: tuple[UndecidedMessage, ...]
    total: int
    page: int
    pages: int


class UndecidedService:
    """The list of `unknown` and `dead` messages, and the two decisions about each."""

    def __init__(self, work: Work) -> None:
        self.work = work

    async def count(self, actor: Actor) -> int:
        """How many wait. Raises ForbiddenError for others than staff."""
        return await (await self._seen_by(actor)).count()

    async def list_lines(self, actor: Actor, *, page: int = 1, per_page: int = 50) -> UndecidedPage:
        """Those that wait. Raises ForbiddenError for others than staff."""
        messages = await self._seen_by(actor)
        total = await messages.count()
        rows = await messages.list_page(offset=(page - 1) * per_page, limit=per_page)
        return UndecidedPage(
            items=tuple(_line(*row) for row in rows),
            total=total,
            page=page,
            pages=max(1, -(-total // per_page)),
        )

    async def send_again(self, actor: Actor, message_id: UUID, reason: str) -> UndecidedMessage:
        """Send what it says once more, as a new message, knowing that it may have arrived.

        Raises NotFoundError, ForbiddenError; ServiceError `delivery.reason`; ConflictError `delivery.decided`,
        `delivery.unreachable` (left, or not reachable), `delivery.forgotten` (its words were deleted, C11).
        """
        messages, (message, follower, enrolment) = await self._take(actor, message_id, reason)
        if not _reachable(follower):
            raise ConflictError("delivery.unreachable")
        if not message.facts:
            raise ConflictError("delivery.forgotten")
        key = f"{message.dedupe_key}:again"
        again = await messages.add_again(
            message,
            dedupe_key=key,
            client_msg_id=hashlib.sha256(key.encode()).hexdigest()[:32],
            due_at=self.work.now,
            created_at=self.work.now,
        )
        self._decide(actor, message, DeliveryDecision.SENT_AGAIN, reason, again=str(again))
        return _line(message, follower, enrolment)

    async def set_aside(self, actor: Actor, message_id: UUID, reason: str) -> UndecidedMessage:
        """Leave it as it is: told otherwise, or of no use any more.

        Raises NotFoundError, ForbiddenError; ServiceError `delivery.reason`; ConflictError `delivery.decided`.
        """
        _, (message, follower, enrolment) = await self._take(actor, message_id, reason)
        self._decide(actor, message, DeliveryDecision.SET_ASIDE, reason)
        return _line(message, follower, enrolment)

    async def _seen_by(self, actor: Actor) -> UndecidedRepository:
        own = visible_organisation(actor)
        session = self.work.session
        messages = UndecidedRepository(session, Viewer(organisation_id=own, orphans=False))
        if own is None or actor.role is not StaffRole.ADMIN or not await messages.is_top(own):
            return messages
        return UndecidedRepository(session, Viewer(organisation_id=own, orphans=True))

    async def _take(
        self, actor: Actor, message_id: UUID, reason: str
    ) -> tuple[UndecidedRepository, tuple[OutboxMessage, Follower, Enrolment | None]]:
        messages = await self._seen_by(actor)
        found = await messages.find(message_id)
        if found is None:
            raise NotFoundError("access.not_found")
        if actor.organisation_id is not None:
            ensure_officer(actor, actor.organisation_id)
        if not 0 < len(reason.strip()) <= REASON_LIMIT:
            raise ServiceError("delivery.reason", limit=REASON_LIMIT)
        if found[0].decided_at is not None:
            raise ConflictError("delivery.decided")
        return messages, found

    def _decide(
        self, actor: Actor, message: OutboxMessage, decision: DeliveryDecision, reason: str, **after: str
    ) -> None:
        message.decision, message.decided_at = decision, self.work.now
        audit.record(
            self.work,
            actor,
            f"delivery.{decision.value}",
            "message",
            message.id,
            before={"state": message.state, "notice": message.notice},
            after=after,
            reason=reason.strip(),
        )


def _line(message: OutboxMessage, follower: Follower, enrolment: Enrolment | None) -> UndecidedMessage:
    return UndecidedMessage(
        id=message.id,
        notice=message.notice,
        state=DeliveryState(message.state),
        enrolment_id=enrolment.id if enrolment else None,
        enrolment_number=enrolment.number if enrolment else None,
        channel=message.channel or "",
        created_at=message.created_at,
        first_sent_at=message.first_sent_at,
        tries=message.attempts,
        errcode=message.errcode,
        errmsg=message.errmsg or "",
        sendable=_reachable(follower) and bool(message.facts),
        decision=DeliveryDecision(message.decision) if message.decision else None,
    )


def _reachable(follower: Follower) -> bool:
    return follower.unfollowed_at is None and follower.unreachable_code is None
