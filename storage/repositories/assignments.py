"""Assignments 派遣: who was drawn, who was there, and what was reported."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.card_states import AssignmentState, ExaminerState
from storage.tables import (
    Assignment,
    AssignmentDraw,
    AssignmentExaminer,
    AssignmentProblem,
    Card,
    Enrolment,
    Person,
)

#: Drawn, and neither declined nor released.
COUNTING = (ExaminerState.DRAWN, ExaminerState.ATTENDED, ExaminerState.ABSENT)

ExaminerRow = tuple[AssignmentExaminer, Card, Person, Enrolment]


@dataclass(frozen=True, kw_only=True)
class AssignmentCount:
    """An assignment with how many are drawn and not gone again, and how many problems were reported."""

    assignment: Assignment
    drawn: int
    problems: int


class AssignmentRepository:
    """The tables `assignments`, `assignment_draws`, `assignment_examiners`, `assignment_problems`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def add(self, row: object) -> None:
        """Written at once."""
        self.session.add(row)
        await self.session.flush()

    async def find(self, assignment_id: UUID, *, for_update: bool = False) -> Assignment | None:
        """One."""
        return await self.session.get(
            Assignment, assignment_id, with_for_update=for_update or None, populate_existing=for_update
        )

    async def find_by_number(self, number: int) -> Assignment | None:
        """By its running number."""
        return await self.session.scalar(select(Assignment).where(Assignment.number == number))

    async def page(
        self, organisation_id: UUID | None, *, state: str | None, offset: int, limit: int
    ) -> tuple[int, Sequence[AssignmentCount]]:
        """One page, the latest day first, and how many there are in all."""
        drawn = (
            select(func.count())
            .where(AssignmentExaminer.assignment_id == Assignment.id, AssignmentExaminer.state.in_(COUNTING))
            .scalar_subquery()
        )
        problems = (
            select(func.count()).where(AssignmentProblem.assignment_id == Assignment.id).scalar_subquery()
        )
        query = select(Assignment, drawn, problems)
        if organisation_id is not None:
            query = query.where(Assignment.organisation_id == organisation_id)
        if state:
            query = query.where(Assignment.state == state)
        total = await self.session.scalar(select(func.count()).select_from(query.subquery()))
        rows = await self.session.execute(
            query.order_by(Assignment.held_on.desc(), Assignment.number.desc()).offset(offset).limit(limit)
        )
        return total or 0, [
            AssignmentCount(assignment=row, drawn=count, problems=reported) for row, count, reported in rows
        ]

    async def count_vacant(self, organisation_id: UUID, *, since: date) -> int:
        """How many of an organisation's open assignments, of this day or later, want more than are drawn."""
        drawn = (
            select(func.count())
            .where(AssignmentExaminer.assignment_id == Assignment.id, AssignmentExaminer.state.in_(COUNTING))
            .scalar_subquery()
        )
        count = await self.session.scalar(
            select(func.count())
            .select_from(Assignment)
            .where(
                Assignment.organisation_id == organisation_id,
                Assignment.state == AssignmentState.OPEN,
                Assignment.held_on >= since,
                Assignment.wanted > drawn,
            )
        )
        return count or 0

    async def examiners(self, assignment_id: UUID) -> Sequence[ExaminerRow]:
        """All who were ever drawn for it, by card number."""
        rows = await self.session.execute(
            select(AssignmentExaminer, Card, Person, Enrolment)
            .join(Card, Card.id == AssignmentExaminer.card_id)
            .join(Person, Person.id == AssignmentExaminer.person_id)
            .join(Enrolment, Enrolment.id == Card.enrolment_id)
            .where(AssignmentExaminer.assignment_id == assignment_id)
            .order_by(Card.number)
        )
        return [(examiner, card, person, enrolment) for examiner, card, person, enrolment in rows]

    async def draws(self, assignment_id: UUID) -> Sequence[AssignmentDraw]:
        """All draws, the first first."""
        rows = await self.session.scalars(
            select(AssignmentDraw)
            .where(AssignmentDraw.assignment_id == assignment_id)
            .order_by(AssignmentDraw.round)
        )
        return rows.all()

    async def problems(self, assignment_id: UUID) -> Sequence[tuple[AssignmentProblem, str | None]]:
        """What was reported, with the number of the card that it is about, the first first."""
        rows = await self.session.execute(
            select(AssignmentProblem, Card.number)
            .outerjoin(Card, Card.id == AssignmentProblem.card_id)
            .where(AssignmentProblem.assignment_id == assignment_id)
            .order_by(AssignmentProblem.reported_at)
        )
        return [(problem, number) for problem, number in rows]

    async def busy(self, day: date) -> set[UUID]:
        """The persons that are drawn for an assignment of this day, whosever it is; a cancelled one does not count."""
        rows = await self.session.scalars(
            select(AssignmentExaminer.person_id)
            .join(Assignment, Assignment.id == AssignmentExaminer.assignment_id)
            .where(
                Assignment.held_on == day,
                Assignment.state != AssignmentState.CANCELLED,
                AssignmentExaminer.state.in_(COUNTING),
            )
        )
        return set(rows)

    async def lock_day(self, day: date) -> None:
        """One draw for a day at a time, so that nobody is drawn twice for it."""
        await self.session.execute(select(func.pg_advisory_xact_lock(_DRAW_LOCK, day.toordinal())))

    async def open_of_cards(
        self, card_ids: Collection[UUID]
    ) -> Sequence[tuple[AssignmentExaminer, Assignment]]:
        """What these cards are drawn for and is not over, locked."""
        rows = await self.session.execute(
            select(AssignmentExaminer, Assignment)
            .join(Assignment, Assignment.id == AssignmentExaminer.assignment_id)
            .where(
                AssignmentExaminer.card_id.in_(card_ids),
                AssignmentExaminer.state == ExaminerState.DRAWN,
                Assignment.state == AssignmentState.OPEN,
            )
            .with_for_update(of=AssignmentExaminer)
        )
        return [(examiner, assignment) for examiner, assignment in rows]

    async def open_of_follower(
        self, follower_id: UUID
    ) -> Sequence[tuple[AssignmentExaminer, Assignment, Card]]:
        """What a follower is drawn for and is not over, the earliest first."""
        rows = await self.session.execute(
            select(AssignmentExaminer, Assignment, Card)
            .join(Assignment, Assignment.id == AssignmentExaminer.assignment_id)
            .join(Card, Card.id == AssignmentExaminer.card_id)
            .join(Enrolment, Enrolment.id == Card.enrolment_id)
            .where(
                Enrolment.follower_id == follower_id,
                AssignmentExaminer.state == ExaminerState.DRAWN,
                Assignment.state == AssignmentState.OPEN,
            )
            .order_by(Assignment.held_on, Assignment.number)
        )
        return [(examiner, assignment, card) for examiner, assignment, card in rows]

    async def of_examiner(self, examiner_id: UUID) -> UUID | None:
        """For which assignment somebody was drawn."""
        return await self.session.scalar(
            select(AssignmentExaminer.assignment_id).where(AssignmentExaminer.id == examiner_id)
        )

    async def examiner(self, examiner_id: UUID) -> ExaminerRow | None:
        """One who was drawn, locked."""
        row = (
            await self.session.execute(
                select(AssignmentExaminer, Card, Person, Enrolment)
                .join(Card, Card.id == AssignmentExaminer.card_id)
                .join(Person, Person.id == AssignmentExaminer.person_id)
                .join(Enrolment, Enrolment.id == Card.enrolment_id)
                .where(AssignmentExaminer.id == examiner_id)
                .with_for_update(of=AssignmentExaminer)
            )
        ).one_or_none()
        return (row[0], row[1], row[2], row[3]) if row is not None else None

    async def count_done(self, person_id: UUID, family: str) -> int:
        """How many finished assignments of a family a person was there for."""
        count = await self.session.scalar(
            select(func.count())
            .select_from(AssignmentExaminer)
            .join(Assignment, Assignment.id == AssignmentExaminer.assignment_id)
            .where(
                AssignmentExaminer.person_id == person_id,
                AssignmentExaminer.state == ExaminerState.ATTENDED,
                Assignment.family == family,
                Assignment.state == AssignmentState.DONE,
            )
        )
        return count or 0


#: First key of the advisory lock of draws; the second is the day.
_DRAW_LOCK = 7312591
