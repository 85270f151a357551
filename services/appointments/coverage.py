"""What a laboratory does, and whether its people cover it (E4)."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from services import audit
from services.access import ensure_officer
from services.answers import plain_answers
from services.appointments.models import Coverage, LaboratoryLine, Recommendation
from services.appointments.views import labels, line
from services.appointments.visibility import appointing_schemes, kind_of, reach_of, terms_of
from services.errors import ConflictError, ForbiddenError, NotFoundError, ServiceError
from services.models import Actor, EnrolmentState, StaffRole
from services.rules.coverage import gaps, opened_by_leaving
from services.schemes.kept import values_of
from services.schemes.models import Scheme
from services.unit_of_work import Work
from storage.appointment_states import AppointmentState
from storage.repositories.appointments import AppointmentRepository
from storage.repositories.laboratories import LaboratoryRepository
from storage.repositories.organisations import OrganisationRepository
from storage.states import OrganisationStatus
from storage.tables import Appointment, Enrolment, Organisation

#: Applicants who count towards the coverage that a laboratory recommends.
_APPLYING = (EnrolmentState.IN_REVIEW, EnrolmentState.RETURNED, EnrolmentState.ADMITTED)


class CoverageService:
    """Laboratories of one unit of work."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.appointments = AppointmentRepository(work.session)
        self.laboratories = LaboratoryRepository(work.session)

    async def list_lines(self, actor: Actor) -> tuple[LaboratoryLine, ...]:
        """The laboratories that the actor sees, by name, for every scheme that appoints people."""
        reach = await reach_of(self.work, actor)
        lines = []
        for scheme in appointing_schemes(self.work).values():
            kinds, everywhere = [terms_of(scheme).laboratory_kind], await self._sees_all(actor, scheme)
            found = await self.laboratories.laboratories(kinds, reach, all_of_them=everywhere)
            ids = [one.id for one in found]
            business = await self.laboratories.businesses(ids, scheme.id)
            people: dict[UUID, list[list[str]]] = defaultdict(list)
            for laboratory_id, fields in await self.laboratories.active_fields(ids, scheme.id):
                people[laboratory_id].append(fields)
            lines += [
                LaboratoryLine(
                    id=one.id,
                    name=one.name,
                    scheme_id=scheme.id,
                    people=len(people[one.id]),
                    business=labels(scheme, business.get(one.id, ())),
                    gaps=labels(scheme, gaps(business.get(one.id, ()), people[one.id])),
                )
                for one in found
            ]
        return tuple(lines)

    async def show(self, actor: Actor, laboratory_id: UUID, scheme_id: str = "") -> Coverage:
        """One laboratory. Raises NotFoundError when the actor does not see it."""
        laboratory, scheme, below = await self._seen(actor, laboratory_id, scheme_id)
        business = await self.laboratories.business(laboratory.id, scheme.id)
        people = await self.appointments.active_at(laboratory.id, scheme.id)
        terms = terms_of(scheme)
        return Coverage(
            laboratory_id=laboratory.id,
            laboratory=laboratory.name,
            scheme_id=scheme.id,
            title=terms.title,
            options=tuple((one.value, one.label) for one in scheme.field(terms.covers).options),
            business=business,
            gaps=labels(scheme, gaps(business, (one.appointment.fields for one in people))),
            people=tuple(line(self.work, row) for row in people),
            may_edit=below and actor.role is not StaffRole.VIEWER,
        )

    async def set_business(
        self, actor: Actor, laboratory_id: UUID, fields: Sequence[str], scheme_id: str = ""
    ) -> Coverage:
        """Say which fields a laboratory does business in: its own staff, or whoever stands above it.

        Raises:
            NotFoundError, ForbiddenError: not theirs.
            ServiceError: `appointment.unknown_field` (`field`), `appointment.no_business`.
        """
        laboratory, scheme, below = await self._seen(actor, laboratory_id, scheme_id)
        if actor.organisation_id is not None:
            ensure_officer(actor, actor.organisation_id)
        if not below:
            raise ForbiddenError("appointment.not_your_laboratory")
        known = [option.value for option in scheme.field(terms_of(scheme).covers).options]
        for field in fields:
            if field not in known:
                raise ServiceError("appointment.unknown_field", field=field[:20])
        if not fields:
            raise ServiceError("appointment.no_business")
        before = await self.laboratories.business(laboratory.id, scheme.id)
        after = [field for field in known if field in set(fields)]
        await self.laboratories.set_business(laboratory.id, scheme.id, after, self.work.now)
        if tuple(after) != before:
            audit.record(
                self.work,
                actor,
                "laboratory.business_set",
                "organisation",
                laboratory.id,
                before={"fields": list(before)},
                after={"fields": after},
                organisation_id=laboratory.id,
                scheme_ref=scheme.ref,
            )
        return await self.show(actor, laboratory_id, scheme.id)

    async def would_uncover(self, appointment: Appointment) -> tuple[str, ...]:
        """The fields of business that nobody covers once this active person is gone, as values."""
        if appointment.state != AppointmentState.ACTIVE:
            return ()
        business = await self.laboratories.business(appointment.laboratory_id, appointment.scheme_id)
        people = await self.appointments.active_at(appointment.laboratory_id, appointment.scheme_id)
        others = [row.appointment.fields for row in people if row.appointment.id != appointment.id]
        return opened_by_leaving(business, appointment.fields, others)

    async def recommendation(self, enrolment: Enrolment, scheme: Scheme) -> Recommendation:
        """What the laboratory's active people, those who are applying and this applicant cover together.

        Raises:
            ConflictError: `appointment.no_laboratory`.
        """
        laboratory = await laboratory_of(self.work, enrolment, scheme)
        terms, answers = terms_of(scheme), plain_answers(self.work, enrolment)
        own = values_of(answers.get(terms.covers, ""))
        business = await self.laboratories.business(laboratory.id, scheme.id)
        people = [
            row.appointment.fields for row in await self.appointments.active_at(laboratory.id, scheme.id)
        ]
        applying = await self.laboratories.applicants(
            scheme.id, terms.laboratory, answers.get(terms.laboratory, ""), _APPLYING
        )
        asked = [values_of(plain_answers(self.work, row).get(terms.covers, "")) for row in applying]
        return Recommendation(
            laboratory_id=laboratory.id,
            laboratory=laboratory.name,
            business=labels(scheme, business),
            own=labels(scheme, own),
            gaps=labels(scheme, gaps(business, [*people, *asked, own])),
        )

    async def _sees_all(self, actor: Actor, scheme: Scheme) -> bool:
        if actor.organisation_id is None:
            return True
        terms = terms_of(scheme)
        kind = await kind_of(self.work, actor.organisation_id)
        return kind in (terms.decided_by, *terms.evaluated_by, *terms.logins_by)

    async def _seen(
        self, actor: Actor, laboratory_id: UUID, scheme_id: str
    ) -> tuple[Organisation, Scheme, bool]:
        """The laboratory, the scheme, and whether it is the actor's own or below their organisation."""
        schemes = appointing_schemes(self.work)
        scheme = schemes.get(scheme_id or next(iter(schemes), ""))
        if scheme is None:
            raise NotFoundError("appointment.laboratory_not_found")
        reach, kinds = await reach_of(self.work, actor), [terms_of(scheme).laboratory_kind]
        own = await self.laboratories.laboratories(kinds, reach)
        found = next((one for one in own if one.id == laboratory_id), None)
        if found is not None:
            return found, scheme, True
        if await self._sees_all(actor, scheme):
            everywhere = await self.laboratories.laboratories(kinds, reach, all_of_them=True)
            found = next((one for one in everywhere if one.id == laboratory_id), None)
        if found is None:
            raise NotFoundError("appointment.laboratory_not_found")
        return found, scheme, False


async def laboratory_of(work: Work, enrolment: Enrolment, scheme: Scheme) -> Organisation:
    """The active laboratory that an applicant works for: the enrolment's own, else the one that they name.

    Raises:
        ConflictError: `appointment.no_laboratory` with the `laboratory` that was named.
    """
    terms, organisations = terms_of(scheme), OrganisationRepository(work.session)
    home = await organisations.find(enrolment.organisation_id)
    named, found = plain_answers(work, enrolment).get(terms.laboratory, "").strip(), home
    if home is None or home.kind != terms.laboratory_kind:
        found = await organisations.find_by_name(named) if named else None
    if found is None or found.kind != terms.laboratory_kind or found.status != OrganisationStatus.ACTIVE:
        raise ConflictError("appointment.no_laboratory", laboratory=named)
    return found
