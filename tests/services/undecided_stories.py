"""Messages that staff have to decide about."""

import itertools
from uuid import UUID

from sqlalchemy import func, select

from services.notices.outbox import Addressed, NoticeService
from services.unit_of_work import Work
from storage.states import DeliveryState
from storage.tables import Enrolment, Organisation, OutboxMessage
from tests import factories

#: Another person each time.
_SERIAL = itertools.count(800)


async def given_up(
    work: Work, home: Organisation, *, state: DeliveryState = DeliveryState.UNKNOWN, about: bool = True
) -> OutboxMessage:
    """A notice to a new applicant of `home` that was sent and never answered, or given up; about their enrolment or not."""
    follower = await factories.follower(work)
    enrolment: Enrolment = await factories.enrolment(
        work, organisation=home, follower=follower, identity_number=factories.identity_number(next(_SERIAL))
    )
    await NoticeService(work).send_many(
        [
            Addressed(
                follower_id=follower.id,
                notice="admitted",
                cause=str(enrolment.id),
                facts={"scheme": "质量安全员", "number": enrolment.number},
                enrolment_id=enrolment.id if about else None,
            )
        ]
    )
    row = await by_follower(work, follower.id)
    row.state, row.attempts, row.channel = state, 1, "customer_service"
    row.first_sent_at = row.surfaced_at = func.clock_timestamp()
    row.errcode, row.errmsg = 0, "timeout"
    await work.session.flush()
    await work.session.refresh(row)
    return row


async def by_follower(work: Work, follower_id: UUID) -> OutboxMessage:
    """The only message to them."""

    (row,) = (
        await work.session.scalars(select(OutboxMessage).where(OutboxMessage.follower_id == follower_id))
    ).all()
    return row


async def one_of_each(work: Work, home: Organisation) -> dict[str, UUID]:
    """One for an address that names a message."""
    return {"deliveries": (await given_up(work, home)).id}
