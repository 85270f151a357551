"""Through whom a request goes: the chain that the scheme names for changes, else the one that admitted the person (E8, D7)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

from services.answers import plain_answers
from services.enrolments.stages import Stages
from services.errors import ConflictError
from services.organisations import NobodyResponsibleError, responsible
from services.schemes.models import Scheme
from services.unit_of_work import Work
from storage.repositories.changes import ChangeRepository
from storage.repositories.organisations import OrganisationRepository
from storage.repositories.review_stages import StageRepository
from storage.tables import ChangeRequest, ChangeStep, Enrolment


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stage of a request, in its order."""

    label: str
    #: Of the scheme's chain for changes: the kind of organisation that decides it.
    organisation_kind: str = ""
    #: Of the enrolment's own review: the stage of it. What was approved there is changed there, by nobody alone.
    reviewed: str = ""


def stages_of(work: Work, enrolment: Enrolment) -> tuple[Stage, ...]:
    """The chain, in order; at least one stage."""
    scheme = work.scheme(enrolment.scheme_ref)
    if scheme.changes is None:
        return tuple(Stage(label=stage.label, reviewed=stage.key) for stage in Stages(work).chain(enrolment))
    return tuple(
        Stage(label=item.label, organisation_kind=item.organisation_kind) for item in scheme.changes.review
    )


def steers_review(scheme: Scheme, field_key: str) -> bool:
    """Whether the answer decides who reviews, so that nothing is to be changed of it after the review (D2)."""
    return any(stage.when is not None and stage.when.field == field_key for stage in scheme.review)


async def enter(work: Work, request: ChangeRequest, enrolment: Enrolment, index: int) -> None:
    """Hand the request to a stage. Raises services.organisations.NobodyResponsibleError, ConflictError `review.nobody`."""
    stage = stages_of(work, enrolment)[index]
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
    """The organisation that has this stage for this enrolment. Raises NobodyResponsibleError, ConflictError `review.nobody`."""
    if stage.reviewed:
        return await Stages(work).admitting(enrolment, stage.reviewed)
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
    return organisation_id in [one async for one in _deciding(work, enrolment)]


async def may_see(work: Work, enrolment: Enrolment, organisation_id: UUID) -> bool:
    """Whether a request concerns it before its stage is reached: all who reviewed the person, where they decide changes."""
    if work.scheme(enrolment.scheme_ref).changes is not None:
        return False
    return await StageRepository(work.session).has_reached(enrolment.id, organisation_id)


async def _deciding(work: Work, enrolment: Enrolment) -> AsyncIterator[UUID]:
    for stage in stages_of(work, enrolment):
        try:
            yield await who_decides(work, enrolment, stage)
        except (NobodyResponsibleError, ConflictError):
            continue
