"""Changes of personal data and their stages."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.repositories.review_stages import visible_to
from storage.states import ChangeState, EnrolmentState
from storage.tables import ChangeRequest, ChangeStep, Enrolment, Organisation

_UNDONE = (ChangeState.DRAFT, ChangeState.PENDING)


@dataclass(frozen=True, kw_only=True)
class ChangeFilter:
    """What the queue shows; None means all."""

    organisation_id: UUID | None
    #: Only what waits for that organisation's decision.
    waiting: bool = False
    state: str | None = None
    #: Schemes whose changes go through a chain of their own; in others all who reviewed the person see them.
    named_chains: frozenset[str] = frozenset()


class ChangeRepository:
    """The tables `change_requests` and `change_steps`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def enrolments_of(
        self, follower_id: UUID, states: Collection[EnrolmentState], *, for_update: bool = False
    ) -> Sequence[Enrolment]:
        """The follower's enrolments in these states, the newest activity first."""
        query = (
            select(Enrolment)
            .where(Enrolment.follower_id == follower_id, Enrolment.state.in_(states))
            .order_by(Enrolment.last_activity_at.desc(), Enrolment.number.desc())
        )
        if for_update:
            query = query.with_for_update().execution_options(populate_existing=True)
        return (await self.session.scalars(query)).all()

    async def undone(self, enrolment_id: UUID, field_key: str) -> Sequence[ChangeRequest]:
        """Begun or pending requests for one field."""
        rows = await self.session.scalars(
            select(ChangeRequest).where(
                ChangeRequest.enrolment_id == enrolment_id,
                ChangeRequest.field_key == field_key,
                ChangeRequest.state.in_(_UNDONE),
            )
        )
        return rows.all()

    async def find(
        self, request_id: UUID, *, for_update: bool = False
    ) -> tuple[ChangeRequest, Enrolment] | None:
        """A request with its enrolment; both locked with `for_update`."""
        query = (
            select(ChangeRequest, Enrolment)
            .join(Enrolment, Enrolment.id == ChangeRequest.enrolment_id)
            .where(ChangeRequest.id == request_id)
        )
        if for_update:
            query = query.with_for_update().execution_options(populate_existing=True)
        row = (await self.session.execute(query)).one_or_none()
        return (row[0], row[1]) if row is not None else None

    async def find_by_number(self, number: int) -> ChangeRequest | None:
        """By the number that people read out."""
        return await self.session.scalar(select(ChangeRequest).where(ChangeRequest.number == number))

    async def of_follower(
        self, follower_id: UUID, *, states: Collection[ChangeState], limit: int
    ) -> Sequence[tuple[ChangeRequest, Enrolment, str]]:
        """The follower's own requests, the newest first, with the label of the stage that has each (empty for none)."""
        rows = await self.session.execute(
            select(ChangeRequest, Enrolment, func.coalesce(ChangeStep.label, ""))
            .join(Enrolment, Enrolment.id == ChangeRequest.enrolment_id)
            .outerjoin(
                ChangeStep,
                (ChangeStep.request_id == ChangeRequest.id) & ChangeStep.decided_at.is_(None),
            )
            .where(Enrolment.follower_id == follower_id, ChangeRequest.state.in_(states))
            .order_by(ChangeRequest.number.desc())
            .limit(limit)
        )
        return [(request, enrolment, label) for request, enrolment, label in rows]

    async def of_enrolment(self, enrolment_id: UUID) -> Sequence[ChangeRequest]:
        """Everything that was filed for an enrolment, the newest first."""
        rows = await self.session.scalars(
            select(ChangeRequest)
            .where(ChangeRequest.enrolment_id == enrolment_id, ChangeRequest.filed_at.is_not(None))
            .order_by(ChangeRequest.number.desc())
        )
        return rows.all()

    async def steps(self, request_id: UUID) -> Sequence[tuple[ChangeStep, str]]:
        """The stages that a request has reached, in order, each with its organisation's name."""
        rows = await self.session.execute(
            select(ChangeStep, Organisation.name)
            .join(Organisation, Organisation.id == ChangeStep.organisation_id)
            .where(ChangeStep.request_id == request_id)
            .order_by(ChangeStep.stage)
        )
        return [(step, name) for step, name in rows]

    async def page(
        self, wanted: ChangeFilter, *, offset: int, limit: int
    ) -> tuple[int, Sequence[tuple[ChangeRequest, Enrolment]]]:
        """One page of filed requests, the longest waiting first, and how many there are."""
        query = _filtered(wanted)
        total = await self.session.scalar(select(func.count()).select_from(query.subquery()))
        rows = await self.session.execute(
            query.order_by(ChangeRequest.filed_at, ChangeRequest.number).offset(offset).limit(limit)
        )
        return total or 0, [(request, enrolment) for request, enrolment in rows]

    async def add(self, row: ChangeRequest | ChangeStep) -> None:
        """Written at once. Raises sqlalchemy.exc.IntegrityError when another for this field is pending."""
        self.session.add(row)
        await self.session.flush()


def _filtered(wanted: ChangeFilter) -> Select[ChangeRequest, Enrolment]:
    query = (
        select(ChangeRequest, Enrolment)
        .join(Enrolment, Enrolment.id == ChangeRequest.enrolment_id)
        .where(ChangeRequest.filed_at.is_not(None))
    )
    if wanted.state:
        query = query.where(ChangeRequest.state == wanted.state)
    steps = select(ChangeStep.id).where(ChangeStep.request_id == ChangeRequest.id)
    if wanted.waiting:
        steps = steps.where(ChangeStep.decided_at.is_(None))
    if wanted.organisation_id is not None:
        reached = steps.where(ChangeStep.organisation_id == wanted.organisation_id).exists()
        home = Enrolment.organisation_id == wanted.organisation_id
        reviewed = Enrolment.scheme_id.not_in(wanted.named_chains) & visible_to(wanted.organisation_id)
        query = query.where(reached if wanted.waiting else or_(reached, home, reviewed))
    elif wanted.waiting:
        query = query.where(steps.exists())
    return query
