"""Putting an applicant's account on file while their papers are checked, before the stage that asks for it passes (E5)."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.answers import plain_answers
from services.appointments import accounts
from services.appointments.coverage import CoverageService
from services.appointments.models import AccountView, Recommendation
from services.appointments.numbers import put_on_file
from services.appointments.stage_acts import masked_mail
from services.appointments.views import account_view
from services.appointments.visibility import terms_of
from services.enrolments.effects import has_appointed
from services.enrolments.review import ReviewService
from services.errors import ConflictError
from services.models import Actor
from services.rules.review_chain import stages
from services.schemes.models import FieldKind, ReviewStage
from services.unit_of_work import Work
from storage.appointment_states import AccountOrigin
from storage.repositories.business_accounts import BusinessAccountRepository
from storage.repositories.enrolments import EnrolmentRepository
from storage.states import EnrolmentState
from storage.tables import Enrolment


@dataclass(frozen=True, kw_only=True)
class Appointing:
    """What the stage that an enrolment waits in carries out besides, and what it needs for that."""

    #: `recommend`, `create_account`, `appoint`, `grant_login`; empty for nothing.
    does: str
    #: The person was appointed by an earlier stage: what is decided now is the login (E6).
    appointed: bool
    #: The person's account, if there is one.
    account: AccountView | None
    #: Where the password is mailed to, masked.
    mail_masked: str
    #: Coverage of the applicant's laboratory (E4); None when the laboratory is not known here.
    coverage: Recommendation | None
    #: The laboratory that was named and is not known here; else empty.
    unknown_laboratory: str
    account_system: str


async def appointing(work: Work, enrolment_id: UUID) -> Appointing | None:
    """None where nobody is appointed or nothing waits; the caller has checked who asks."""
    enrolment = await EnrolmentRepository(work.session).get(enrolment_id)
    scheme = work.scheme(enrolment.scheme_ref)
    if (
        scheme.appointment is None
        or enrolment.state != EnrolmentState.IN_REVIEW
        or enrolment.person_id is None
    ):
        return None
    account = await BusinessAccountRepository(work.session).find(enrolment.person_id)
    field = scheme.field_of_kind(FieldKind.EMAIL)
    answers = plain_answers(work, enrolment)
    coverage, unknown = None, ""
    try:
        coverage = await CoverageService(work).recommendation(enrolment, scheme)
    except ConflictError as error:
        unknown = str(error.facts.get("laboratory", ""))
    chain = stages(scheme, answers)
    index = min(enrolment.stage, len(chain) - 1)
    return Appointing(
        does=chain[index].does,
        appointed=has_appointed(chain, index),
        account=account_view(work, account) if account is not None else None,
        mail_masked=masked_mail(answers.get(field.key, "")) if field is not None else "",
        coverage=coverage,
        unknown_laboratory=unknown,
        account_system=scheme.appointment.account_system,
    )


async def register_account(
    work: Work,
    actor: Actor,
    enrolment_id: UUID,
    *,
    login: str,
    origin: AccountOrigin,
    mailed_on: date | None = None,
    number: str = "",
) -> None:
    """Keep the account that was made for the applicant, or the one that they have already with its 聘用号 (E5).

    An empty `login` is the identity number, as the source has it.

    Raises:
        NotFoundError, ForbiddenError, ConflictError: as `ReviewService.approve`; `account.not_now` in another stage.
        ServiceError, ConflictError: as `accounts.register` and `numbers.put_on_file`.
    """
    enrolment = await ReviewService(work).deciding(actor, enrolment_id)
    scheme = work.scheme(enrolment.scheme_ref)
    if _stage(work, enrolment).does != "create_account" or enrolment.person_id is None:
        raise ConflictError("account.not_now")
    if not login.strip():
        field = scheme.field_of_kind(FieldKind.IDENTITY_NUMBER)
        login = plain_answers(work, enrolment).get(field.key, "") if field is not None else ""
    await accounts.register(
        work,
        actor,
        enrolment.person_id,
        login=login,
        origin=origin,
        mailed_on=mailed_on,
        organisation_id=enrolment.organisation_id,
        scheme_ref=scheme.ref,
    )
    if number.strip():
        await put_on_file(work, actor, enrolment.person_id, terms_of(scheme), number)


def _stage(work: Work, enrolment: Enrolment) -> ReviewStage:
    chain = stages(work.scheme(enrolment.scheme_ref), plain_answers(work, enrolment))
    return chain[min(enrolment.stage, len(chain) - 1)]
