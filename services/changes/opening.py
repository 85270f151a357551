"""Which of somebody's data may be changed now, by the state of their enrolment (E8)."""

from services.answers import plain_answers
from services.changes import chain
from services.enrolments.effects import has_appointed
from services.enrolments.stages import Stages
from services.models import EnrolmentState
from services.schemes.models import FieldKind, FormField, Scheme
from services.schemes.standing import change_kind
from services.unit_of_work import Work
from storage.tables import Enrolment

#: Everything is changed when the review is over: while it lasts, through its returns.
_OVER = (EnrolmentState.ADMITTED, EnrolmentState.CONCLUDED)
_IN_REVIEW = (EnrolmentState.IN_REVIEW, EnrolmentState.RETURNED)
#: Enrolments of which something can be changed.
CHANGEABLE = (*_OVER, *_IN_REVIEW)
#: How somebody is reached is no matter of the review.
_REACHES = (FieldKind.MOBILE, FieldKind.EMAIL)


def is_open(work: Work, enrolment: Enrolment) -> bool:
    """Whether all that can ever be changed is open: the review is over, or only the login of somebody appointed is not."""
    if enrolment.state in _OVER:
        return True
    return enrolment.state == EnrolmentState.IN_REVIEW and has_appointed(
        Stages(work).chain(enrolment), enrolment.stage
    )


def fields_of(work: Work, enrolment: Enrolment) -> tuple[tuple[FormField, str], ...]:
    """What of this enrolment can be changed now, and how; who reviewed it is no such thing (D2).

    In review phone and mail only; after a return not what stands on a form that is signed and sealed, for the paper
    would have to be made anew.
    """
    scheme, answers = work.scheme(enrolment.scheme_ref), plain_answers(work, enrolment)
    kinds = tuple(
        (field, kind)
        for field in scheme.fields
        if (kind := change_kind(field)) is not None
        and (field.when is None or field.when.holds(answers))
        and not chain.steers_review(scheme, field.key)
    )
    if is_open(work, enrolment):
        return kinds
    if enrolment.state not in _IN_REVIEW:
        return ()
    returned = enrolment.state == EnrolmentState.RETURNED
    return tuple(
        (field, kind)
        for field, kind in kinds
        if kind == "a" and field.kind in _REACHES and not (returned and _is_printed(scheme, field.key))
    )


def _is_printed(scheme: Scheme, key: str) -> bool:
    return any(key in cell.fields for form in scheme.printables for row in form.rows for cell in row.cells)
