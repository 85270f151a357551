"""What enrolments owe, as it is read: with the class, what it had published, and the fees that apply."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from services.answers import plain_answers
from services.errors import NotFoundError
from services.payments.fees import fees_of
from services.payments.views import applicable, outstanding
from services.schemes.models import Fee, Scheme
from services.unit_of_work import Work
from storage.repositories.payments import OwedRow, PaymentRepository
from storage.tables import CourseClass, Enrolment, FeePublication, Payment


@dataclass(frozen=True)
class Loaded:
    """An enrolment with its scheme version, its class, and what the class had published when it joined."""

    enrolment: Enrolment
    scheme: Scheme
    course_class: CourseClass | None
    publication: FeePublication | None

    @property
    def fees(self) -> tuple[Fee, ...]:
        """In their order, whether they apply to this person or not."""
        return fees_of(self.scheme, self.publication)

    def fee(self, key: str) -> Fee:
        """The fee of this key. Raises KeyError."""
        return {fee.key: fee for fee in self.fees}[key]


async def load(work: Work, payment_id: UUID) -> tuple[Payment, Loaded]:
    """The payment, locked, with all that belongs to it. Raises NotFoundError."""
    payments = PaymentRepository(work.session)
    payment = await payments.find(payment_id)
    if payment is None:
        raise NotFoundError("payment.not_found")
    found = await payments.find_enrolment(payment.enrolment_id)
    if found is None:
        raise NotFoundError("enrolment.not_found")
    enrolment, course_class, publication = found
    return payment, Loaded(enrolment, work.scheme(enrolment.scheme_ref), course_class, publication)


async def find_owed(work: Work, enrolment_ids: Collection[UUID]) -> Sequence[OwedRow]:
    """What each of these owes, in one statement. Raises NotFoundError unless all are there."""
    found = await PaymentRepository(work.session).list_owed(enrolment_ids)
    if len(found) != len(enrolment_ids):
        raise NotFoundError("enrolment.not_found")
    return found


def fees_owed(work: Work, owed: OwedRow) -> tuple[Fee, ...]:
    """The fees of its scheme version or its class, in their order."""
    return fees_of(work.scheme(owed.enrolment.scheme_ref), owed.publication)


def applicable_fees(work: Work, fees: Sequence[Fee], enrolment: Enrolment) -> tuple[Fee, ...]:
    """Those whose condition this person's answers meet."""
    return applicable(fees, plain_answers(work, enrolment))


def outstanding_of(work: Work, owed: OwedRow, before: Literal["class", "sitting"]) -> tuple[str, ...]:
    """Labels of the fees that must be confirmed before that step and are not."""
    states = {key: row.state for key, row in owed.payments.items()}
    return outstanding(applicable_fees(work, fees_owed(work, owed), owed.enrolment), states, before)
