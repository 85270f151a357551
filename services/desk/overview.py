"""What waits for staff today, counted over the people of their organisation (B9)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.access import visible_organisation
from services.certificates import UnmadePaperService
from services.models import Actor, DeliveryState, EnrolmentState, PaymentState, ResultState
from services.unit_of_work import Work
from storage.repositories.overview import OverviewRepository
from storage.repositories.review_stages import StageRepository

#: A message that did not arrive; what staff have to decide about first is in `services.delivery.deciding`.
UNDELIVERED = (DeliveryState.FAILED,)


@dataclass(frozen=True, kw_only=True)
class Todos:
    """How much of each waits."""

    #: What waits at a stage of this organisation, and how much of that is beyond its time node.
    to_review: int
    overdue: int
    returned: int
    payments_to_confirm: int
    payments_short: int
    results_to_approve: int
    results_to_publish: int
    undelivered: int
    #: Certificates whose paper could not be made.
    papers_failed: int


@dataclass(frozen=True, kw_only=True)
class UndeliveredMessage:
    """A message that did not arrive."""

    enrolment_id: UUID
    enrolment_number: int
    #: A key of `services.notices.NOTICES`.
    notice: str
    state: DeliveryState
    at: datetime
    errcode: int | None
    errmsg: str


class OverviewService:
    """Counts for the console's first page."""

    def __init__(self, work: Work) -> None:
        self.work = work

    async def todos(self, actor: Actor) -> Todos:
        """What waits in the actor's organisation. Raises ForbiddenError for others than staff."""
        own = visible_organisation(actor)
        counts, stages = OverviewRepository(self.work.session, own), StageRepository(self.work.session)
        return Todos(
            to_review=await stages.count_waiting(own),
            overdue=await stages.count_overdue(own, self.work.now),
            returned=await counts.count_enrolments(EnrolmentState.RETURNED),
            payments_to_confirm=await counts.count_payments(PaymentState.CLAIMED),
            payments_short=await counts.count_payments(PaymentState.SHORT),
            results_to_approve=await counts.count_results(ResultState.SCORED),
            results_to_publish=await counts.count_results(ResultState.APPROVED),
            undelivered=await counts.count_messages(*UNDELIVERED),
            papers_failed=await UnmadePaperService(self.work).count_failed(actor),
        )

    async def undelivered(self, actor: Actor, *, limit: int = 100) -> tuple[UndeliveredMessage, ...]:
        """The newest messages that did not arrive. Raises ForbiddenError for others than staff."""
        messages = OverviewRepository(self.work.session, visible_organisation(actor))
        return tuple(
            UndeliveredMessage(
                enrolment_id=enrolment.id,
                enrolment_number=enrolment.number,
                notice=message.notice,
                state=DeliveryState(message.state),
                at=message.finished_at or message.created_at,
                errcode=message.errcode,
                errmsg=message.errmsg or "",
            )
            for message, enrolment in await messages.list_messages(limit, *UNDELIVERED)
        )
