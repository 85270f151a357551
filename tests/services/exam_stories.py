"""What sitting and result tests begin with: an organisation, ready candidates, a sitting, and what people were told."""

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from services.exams.seats import SeatService
from services.exams.sittings import SittingService
from services.exams.views import SittingView
from services.models import Actor, EnrolmentState, PaymentState
from services.notices.catalogue import NOTICES, render_text
from services.unit_of_work import Tools, Work
from storage.tables import AuditEntry, Enrolment, Organisation, OutboxMessage, Payment, StudyRecord
from tests import factories

SCHEME = "quality-safety-officer"
#: Saturday of the last full weekend of the fourth quarter of 2026 (A5), 09:00 to 10:30 in Shanghai.
SATURDAY = datetime(2026, 12, 26, 1, 0, tzinfo=UTC)
SATURDAY_END = datetime(2026, 12, 26, 2, 30, tzinfo=UTC)
PLACE = "人员能力验证综合服务平台 www.cascoedu.org.cn"
_SERIAL = itertools.count(1)


@dataclass(frozen=True)
class Candidate:
    """Somebody who enrolled: enough to act and to be found."""

    enrolment_id: UUID
    number: int
    name: str
    follower_id: UUID
    actor: Actor


@dataclass
class House:
    """An organisation with an officer; everything in transactions of its own."""

    tools: Tools
    organisation: Organisation
    officer: Actor
    candidates: list[Candidate] = field(default_factory=list)
    #: Version of the scheme that candidates enrolled in; the newest when None.
    scheme_version: str | None = None

    async def candidate(
        self,
        name: str | None = None,
        *,
        hours: str = "30",
        paid: bool = True,
        state: EnrolmentState = EnrolmentState.ADMITTED,
        scheme_id: str = SCHEME,
    ) -> Candidate:
        """An admitted candidate with all hours and the verification fee paid."""
        serial = next(_SERIAL)
        async with self.tools.unit_of_work() as work:
            follower = await factories.follower(work)
            row = await factories.enrolment(
                work,
                organisation=self.organisation,
                follower=follower,
                scheme_id=scheme_id,
                scheme_version=self.scheme_version,
                state=state,
                name=name or f"考生{'甲乙丙丁戊己庚辛壬癸'[serial % 10]}",
                identity_number=factories.identity_number(serial % 1000),
            )
            if Decimal(hours):
                work.session.add(study_record(work, row.id, hours))
            work.session.add(payment(work, row.id, PaymentState.CONFIRMED if paid else PaymentState.DUE))
            await work.session.flush()
            made = Candidate(
                row.id,
                row.number,
                row.answers["name"],
                follower.id,
                factories.applicant_actor(follower),
            )
        self.candidates.append(made)
        return made

    async def sitting(self, *, capacity: int = 30, **other: Any) -> SittingView:
        """A sitting on the calendar's Saturday."""
        async with self.tools.unit_of_work() as work:
            given: dict[str, Any] = {
                "scheme_id": SCHEME,
                "starts_at": SATURDAY,
                "ends_at": SATURDAY_END,
                "place": PLACE,
                "form": "online",
                "capacity": capacity,
                **other,
            }
            return await SittingService(work).add(self.officer, **given)

    async def book(self, who: Candidate, sitting_id: UUID) -> Any:
        """The candidate books in the chat."""
        async with self.tools.unit_of_work() as work:
            return await SeatService(work).book(who.enrolment_id, sitting_id, actor=who.actor)

    async def told(self, who: Candidate, *, state: str = "queued") -> list[OutboxMessage]:
        """What is (or was) to be sent to this candidate, the earliest first."""
        async with self.tools.unit_of_work() as work:
            rows = await work.session.scalars(
                select(OutboxMessage)
                .where(OutboxMessage.follower_id == who.follower_id, OutboxMessage.state == state)
                .order_by(OutboxMessage.due_at, OutboxMessage.notice)
            )
            return list(rows)

    async def history(self, who: Candidate) -> list[AuditEntry]:
        """The audit log about this enrolment, the earliest first."""
        async with self.tools.unit_of_work() as work:
            rows = await work.session.scalars(
                select(AuditEntry)
                .where(AuditEntry.subject_id == str(who.enrolment_id))
                .order_by(AuditEntry.id)
            )
            return list(rows)

    async def state_of(self, who: Candidate) -> str:
        """The enrolment's state."""
        async with self.tools.unit_of_work() as work:
            return (await work.session.get_one(Enrolment, who.enrolment_id)).state


async def open_house(tools: Tools, name: str = "贵州省 ISO9000 质量促进会") -> House:
    """An organisation with an officer."""
    async with tools.unit_of_work() as work:
        row = await factories.organisation(work, name)
        return House(tools, row, factories.staff_actor(row.id))


def study_record(work: Work, enrolment_id: UUID, hours: str) -> StudyRecord:
    """Hours that an import wrote."""
    return StudyRecord(
        id=uuid4(),
        enrolment_id=enrolment_id,
        source="import",
        reference="course@2026-11-01",
        course="质量安全法规",
        studied_on=work.now.date(),
        hours=Decimal(hours),
        created_at=work.now,
    )


def payment(work: Work, enrolment_id: UUID, state: PaymentState) -> Payment:
    """The verification fee."""
    return Payment(
        id=uuid4(),
        enrolment_id=enrolment_id,
        fee_key="verification",
        amount_fen=18000,
        state=state,
        created_at=work.now,
    )


def text_of(message: OutboxMessage) -> str:
    """What the person reads."""
    return render_text(NOTICES[message.notice], message.facts)


def kinds(messages: list[OutboxMessage]) -> list[str]:
    """Which notices."""
    return [message.notice for message in messages]
