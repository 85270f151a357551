"""What comes next for somebody, done by whoever it falls to: so that walks reach the end of every scheme."""

from uuid import UUID

from sqlalchemy import func, select

from services.models import Actor
from services.schemes.models import Scheme
from services.unit_of_work import Work
from storage.tables import (
    BusinessAccount,
    Card,
    Certificate,
    Enrolment,
    Payment,
    Result,
    Seat,
    Sitting,
    StageRecord,
)
from tests.walks.world import World

Step = tuple[str, Actor]


async def next_step(world: World, work: Work, enrolment_id: UUID, choice: int) -> Step | None:
    """The name of a verb and who tries it; None at the end. `choice` picks where several could do it."""
    row = await work.session.get_one(Enrolment, enrolment_id)
    scheme, applicant = work.scheme(row.scheme_ref), world.applicants[enrolment_id]
    match row.state:
        case "draft":
            return "submit", applicant
        case "returned":
            return ("correct" if row.returned else "submit"), applicant
        case "in_review":
            return await _review(world, work, row, scheme)
        case "admitted":
            return await _exam(world, work, row, scheme)
        case "concluded":
            return await _paper(world, work, row, scheme, choice)
        case _:
            return None


async def _review(world: World, work: Work, row: Enrolment, scheme: Scheme) -> Step:
    stage = (
        await work.session.scalars(
            select(StageRecord).where(StageRecord.enrolment_id == row.id, StageRecord.decided_at.is_(None))
        )
    ).one()
    does = next(one.does for one in scheme.review if one.key == stage.key)
    officer = world.staff[stage.organisation_id].first
    account = await work.session.scalar(
        select(BusinessAccount.person_id).where(BusinessAccount.person_id == row.person_id)
    )
    return ("register" if does == "create_account" and account is None else "approve"), officer


async def _exam(world: World, work: Work, row: Enrolment, scheme: Scheme) -> Step | None:
    home, trainer = world.staff[row.organisation_id], world.staff[row.trained_by]
    owed = await work.session.scalar(
        select(Payment.id)
        .where(Payment.enrolment_id == row.id, Payment.state.in_(("due", "claimed", "short")))
        .limit(1)
    )
    if owed is not None:
        return "confirm", trainer.first if row.class_id else home.first
    if scheme.exam is None:
        return None
    seat = await work.session.scalar(select(Seat).where(Seat.enrolment_id == row.id, Seat.state != "void"))
    if seat is None:
        newest = await work.session.scalar(
            select(Sitting)
            .where(
                Sitting.organisation_id == trainer.first.organisation_id,
                Sitting.scheme_id == row.scheme_id,
                Sitting.state == "open",
                Sitting.starts_at > work.now,
            )
            .order_by(Sitting.code.desc())
            .limit(1)
        )
        if newest is None or await _full(work, newest):
            return "announce", trainer.first
        return "book", world.applicants[row.id]
    result = await work.session.scalar(
        select(Result.state).where(Result.enrolment_id == row.id, Result.state != "superseded")
    )
    if seat.state == "booked" and result is None:
        return "check_in", trainer.first
    match result:
        case None:
            return "score", trainer.first
        case "scored":
            return "accept", trainer.first
        case _:
            return "publish", trainer.second


async def _full(work: Work, sitting: Sitting) -> bool:
    taken = await work.session.scalar(
        select(func.count()).where(Seat.sitting_id == sitting.id, Seat.state != "void")
    )
    return (taken or 0) >= sitting.capacity


async def _paper(world: World, work: Work, row: Enrolment, scheme: Scheme, choice: int) -> Step | None:
    if scheme.card is not None:
        card = await work.session.scalar(select(Card).where(Card.enrolment_id == row.id))
        if card is None:
            makers = world.of_kind(*scheme.card.made_by)
            return "report", world.staff[makers[choice % len(makers)]].first
        verb = {"awaiting_number": "number", "numbered": "make", "made": "hand_out"}.get(card.state)
        whose = card.numbered_by_id if verb == "number" else card.made_by_id
        return (verb, world.staff[whose].first) if verb else None
    kind = scheme.certificate("result_passed")
    if kind is None or await work.session.scalar(
        select(Certificate.id).where(Certificate.enrolment_id == row.id, Certificate.kind_key == kind.key)
    ):
        return None
    by = scheme.authorised_for.by if scheme.authorised_for is not None else None
    issuer = world.of_kind(by)[0] if by else row.organisation_id
    return "issue", world.staff[issuer].first
