"""Changes as people see them: labels in place of keys, sensitive values masked."""

from services.answers import plain_answers
from services.changes import sealing
from services.changes.models import ChangeLine
from services.enrolments.views import name_in
from services.rules.answers import shown
from services.unit_of_work import Work
from storage.states import ChangeState
from storage.tables import ChangeRequest, Enrolment


def line(
    work: Work, request: ChangeRequest, enrolment: Enrolment, *, stage: str = "", refusal: str = ""
) -> ChangeLine:
    """One line."""
    scheme = work.scheme(enrolment.scheme_ref)
    field = scheme.field(request.field_key)
    return ChangeLine(
        id=request.id,
        number=request.number,
        enrolment_id=enrolment.id,
        enrolment_number=enrolment.number,
        scheme=scheme.short_title,
        name=name_in(scheme, plain_answers(work, enrolment)),
        field=field.label,
        kind=request.kind,
        state=ChangeState(request.state),
        stage=stage,
        old=shown(field, sealing.old_of(work, request)),
        new=shown(field, sealing.new_of(work, request)),
        filed_at=request.filed_at,
        refusal=refusal,
    )
