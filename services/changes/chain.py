"""Through whom a request goes: the scheme's chain, or the organiser alone (E8)."""

from dataclasses import dataclass
from uuid import UUID

from services.answers import plain_answers
from services.organisations import NobodyResponsibleError, responsible
from services.schemes.models import Scheme
from services.unit_of_work import Work
from storage.repositories.changes import ChangeRepository
from storage.repositories.organisations import OrganisationRepository
from storage.tables import ChangeRequest, ChangeStep, Enrolment


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stage; without a kind it is the organisation that the person enrolled with."""

    label: str
    organisation_kind: str


#: Of a scheme that says nothing; which is what our sources say of all but E.
_ORGANISER = (Stage(label="主办单位核查", organisation_kind=""),)


def stages_of(scheme: Scheme) -> tuple[Stage, ...]:
    """The chain, in order; at least one stage."""
    if scheme.changes is None:
        return _ORGANISER
    return tuple(
        Stage(label=item.label, organisation_kind=item.organisation_kind) for item in scheme.changes.review
    )


async def enter(work: Work, request: ChangeRequest, enrolment: Enrolment, index: int) -> None:
    """Hand the request to a stage. Raises services.organisations.NobodyResponsibleError."""
    stage = stages_of(work.scheme(enrolment.scheme_ref))[index]
    await ChangeRepository(work.session).add(
        ChangeStep(
            request_id=request.id,
            stage=index,
            label=stage.label,
            organisation_id=await who_decides(work, enrolment, stage),
            entered_at=work.now,
        )
    )


async def who_decides(work: Work, enrolment: Enrolment, stage: Stage) -> UUID:
    """The organisation that has this stage for this enrolment. Raises NobodyResponsibleError."""
    if not stage.organisation_kind:
        return enrolment.organisation_id
    return await responsible(work, await home_of(work, enrolment), stage.organisation_kind)


async def home_of(work: Work, enrolment: Enrolment) -> UUID:
    """Whose people they are: the laboratory that they name, where the scheme appoints for one (E1); else the organiser."""
    scheme = work.scheme(enrolment.scheme_ref)
    if scheme.appointment is not None:
        name = plain_answers(work, enrolment).get(scheme.appointment.laboratory, "")
        found = await OrganisationRepository(work.session).find_by_name(name)
        if found is not None and found.kind == scheme.appointment.laboratory_kind:
            return found.id
    return enrolment.organisation_id


async def may_file(work: Work, enrolment: Enrolment, organisation_id: UUID | None) -> bool:
    """Whether staff of this organisation may file for this person: its own, its laboratory, and whoever decides (E8)."""
    if organisation_id in (enrolment.organisation_id, await home_of(work, enrolment)):
        return True
    for stage in stages_of(work.scheme(enrolment.scheme_ref)):
        try:
            if await who_decides(work, enrolment, stage) == organisation_id:
                return True
        except NobodyResponsibleError:
            continue
    return False
