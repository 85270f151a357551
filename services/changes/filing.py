"""A new value: validated as its field is, applied at once or made into a request. Both sides file here (E8)."""

import uuid
from collections.abc import Sequence
from uuid import UUID

from services import audit
from services.answers import plain_answers
from services.blacklist import ensure_clear
from services.changes import sealing
from services.changes.opening import CHANGEABLE, fields_of, is_open
from services.errors import ConflictError, NotFoundError, ServiceError
from services.models import Actor, ChangeState
from services.rules import tables
from services.rules.answers import read, shown
from services.rules.localtime import local_day
from services.schemes.models import FieldKind, FormField
from services.unit_of_work import Work
from storage.repositories.changes import ChangeRepository
from storage.tables import ChangeRequest, Enrolment

#: Of a request's reason and of a refusal's.
LONGEST_REASON = 200


def ensure_changeable(work: Work, enrolment: Enrolment) -> None:
    """A request may be made and decided. Raises ConflictError `change.in_review` (only through its returns), `change.closed`."""
    if is_open(work, enrolment):
        return
    code = "change.in_review" if enrolment.state in CHANGEABLE else "change.closed"
    raise ConflictError(code, number=enrolment.number)


def new_value(work: Work, enrolment: Enrolment, field: FormField, typed: str) -> tuple[str, str]:
    """Old and new value; of a table several rows at once. Raises InvalidValueError; ConflictError `change.same`."""
    answers = plain_answers(work, enrolment)
    old = answers.get(field.key, "")
    if field.kind is FieldKind.TABLE:
        new = tables.fill_several(field, typed, answers)
        # Rows are kept in the order in which they were answered, which is no change.
        same = tables.filled(new) == tables.filled(old)
    else:
        new = read(field, typed, today=local_day(work.now), answers=answers)
        same = new == old
    if same:
        raise ConflictError("change.same", value=shown(field, old))
    return old, new


def find_field(work: Work, enrolment: Enrolment, key: str) -> tuple[FormField, str]:
    """The field and its kind. Raises NotFoundError `change.no_field`."""
    found = next((pair for pair in fields_of(work, enrolment) if pair[0].key == key), None)
    if found is None:
        raise NotFoundError("change.no_field", key=key)
    return found


async def ensure_may_ask(
    work: Work, enrolment: Enrolment, field: FormField, new: str
) -> Sequence[ChangeRequest]:
    """Begun requests for the same field that the new one takes the place of.

    Raises:
        ConflictError: `change.pending` with the `number` of the one that is under way.
        services.blacklist.BarredError: who is barred does not become somebody else, nor somebody who is barred (C7).
    """
    before = await ChangeRepository(work.session).undone(enrolment.id, field.key)
    if pending := next((one for one in before if one.state == ChangeState.PENDING), None):
        raise ConflictError("change.pending", number=pending.number)
    scheme = work.scheme(enrolment.scheme_ref)
    if scheme.blacklist is not None and field.kind in (FieldKind.IDENTITY_NUMBER, FieldKind.NAME):
        answers = plain_answers(work, enrolment)
        number, name = scheme.field_of_kind(FieldKind.IDENTITY_NUMBER), scheme.field_of_kind(FieldKind.NAME)
        if number is not None and name is not None:
            numbers = {answers[number.key]} | ({new} if field is number else set())
            for one in numbers:
                await ensure_clear(work, scheme, number=one, name=answers.get(name.key, ""))
    return before


def make(
    work: Work,
    enrolment: Enrolment,
    field: FormField,
    kind: str,
    values: tuple[str, str],
    *,
    state: ChangeState,
    filed_by: str,
    filed_by_name: str = "",
    reason: str = "",
) -> ChangeRequest:
    """The row, added to the unit of work."""
    request_id, (old, new) = uuid.uuid4(), values
    over = state is ChangeState.APPROVED
    request = ChangeRequest(
        id=request_id,
        enrolment_id=enrolment.id,
        field_key=field.key,
        kind=kind,
        state=state,
        old_cipher=sealing.seal(work, request_id, "old", old),
        new_cipher=sealing.seal(work, request_id, "new", new),
        reason=reason,
        filed_by=filed_by,
        filed_by_name=filed_by_name,
        filed_at=None if state is ChangeState.DRAFT else work.now,
        closed_at=work.now if over else None,
        created_at=work.now,
    )
    work.session.add(request)
    return request


def record(
    work: Work, actor: Actor, action: str, request: ChangeRequest, enrolment: Enrolment, *, reason: str = ""
) -> None:
    """Into the enrolment's history: which field, never which value."""
    field = work.scheme(enrolment.scheme_ref).field(request.field_key)
    audit.record_enrolment(
        work,
        actor,
        action,
        enrolment,
        after={"change": str(request.id), "field": field.label, "kind": request.kind},
        reason=reason,
    )


def ensure_is_asked(kind: str) -> None:
    """Raises ServiceError `change.own_data` for what the person changes without asking."""
    if kind == "a":
        raise ServiceError("change.own_data")


def own(found: tuple[ChangeRequest, Enrolment] | None, follower_id: UUID) -> tuple[ChangeRequest, Enrolment]:
    """The follower's own. Raises NotFoundError."""
    if found is None or found[1].follower_id != follower_id:
        raise NotFoundError("change.not_found")
    return found
