"""The submission 提交: everything is there, the conditions hold, nobody is barred; then it goes to its review."""

from collections.abc import Mapping
from uuid import UUID

from services import audit, blacklist, people
from services.cards.bars import ensure_not_barred
from services.enrolments import class_choice, through, ways
from services.enrolments.draft import Draft, draft_of
from services.enrolments.own import OwnEnrolments
from services.enrolments.stages import Stages
from services.errors import ConflictError, ServiceError
from services.models import Actor
from services.printing import OutdatedForm, outdated_forms
from services.rules import eligibility
from services.rules.answers import derived
from services.rules.completeness import Step
from services.rules.localtime import local_day
from services.schemes.models import FieldKind, Scheme
from storage.repositories.people import Applicant, PeopleRepository
from storage.states import EnrolmentState
from storage.tables import Enrolment


class IncompleteEnrolmentError(ServiceError):
    """A required field or document is missing; `.missing` names the steps, in their order.

    `.outdated` says of those that are printed forms what was changed since the printing.
    """

    def __init__(self, missing: tuple[Step, ...], outdated: tuple[OutdatedForm, ...] = ()) -> None:
        super().__init__("enrolment.incomplete", count=len(missing))
        self.missing, self.outdated = missing, outdated


class NotEligibleError(ServiceError):
    """The scheme's conditions do not hold; `.unmet` says which and what would meet them."""

    def __init__(self, unmet: tuple[eligibility.Unmet, ...]) -> None:
        super().__init__("enrolment.not_eligible", count=len(unmet))
        self.unmet = unmet


class SubmittingService(OwnEnrolments):
    """Hands enrolments in."""

    async def submit(self, enrolment_id: UUID, *, follower_id: UUID, actor: Actor) -> Draft:
        """Hand a complete draft, or a corrected one, to its review.

        Raises:
            IncompleteEnrolmentError: something required is missing, or a paper says something else than the answers.
            NotEligibleError: a condition of the scheme does not hold (D3, D4, D5, D8, E2).
            services.blacklist.BarredError: the person is on the scheme's blacklist (C7).
            ConflictError: `enrolment.checking` while a picture is being checked; `enrolment.consent` when a consent is
                missing; `enrolment.running` when the person already has an enrolment in this scheme; `review.not_direct`
                and `review.nobody` as `Stages.plan`; as `class_choice.ensure_still_open`,
                `through.path_still_open`; `card.barred` when the qualification was cancelled for ever (D9).
        """
        enrolment = await self._open(enrolment_id, follower_id)
        scheme = self.work.scheme(enrolment.scheme_ref)
        await class_choice.ensure_still_open(self.work, enrolment, scheme)
        path = await through.path_still_open(self.work, enrolment, scheme)
        if path is not None:
            # The tree may have changed since the organisation was picked.
            await ways.settle(self.work, enrolment, scheme, path)
        draft = draft_of(self.work, enrolment)
        if draft.missing:
            changed = (
                await outdated_forms(self.work, enrolment, enrolment.documents) if draft.outdated else ()
            )
            raise IncompleteEnrolmentError(draft.missing, changed)
        if draft.checking:
            raise ConflictError("enrolment.checking")
        if draft.outstanding_consents:
            raise ConflictError("enrolment.consent")
        if unmet := eligibility.assess(eligibility.Facts(draft.answers, draft.handed_in), scheme):
            raise NotEligibleError(unmet)
        applicant = await self._identify(enrolment, scheme, draft.answers)
        if applicant.barred:
            await ensure_not_barred(self.work, applicant.person.id, scheme)
        if applicant.running_number is not None:
            raise ConflictError("enrolment.running", number=applicant.running_number)
        entry = await Stages(self.work).plan(enrolment, path)
        before = enrolment.state
        enrolment.person_id = applicant.person.id
        enrolment.attempt = applicant.concluded + 1
        enrolment.state, enrolment.returned = EnrolmentState.IN_REVIEW, {}
        enrolment.reopened = []
        enrolment.submitted_at = enrolment.last_activity_at = self.work.now
        self._derive(enrolment, scheme, draft.answers)
        self._put_aside(enrolment, draft)
        submitted = audit.enrolment_entry(
            self.work,
            actor,
            "enrolment.submitted",
            enrolment,
            before={"state": before},
            after={"state": enrolment.state, "attempt": enrolment.attempt}
            | ({"organisation": path[0].name} if path else {}),
        )
        await Stages(self.work).hand_in(enrolment, entry, submitted)
        return draft_of(self.work, enrolment)

    async def _identify(self, enrolment: Enrolment, scheme: Scheme, answers: Mapping[str, str]) -> Applicant:
        """The person of this identity number, added when new; their own answers decide the name. Raises BarredError."""
        number_field = scheme.field_of_kind(FieldKind.IDENTITY_NUMBER)
        name_field = scheme.field_of_kind(FieldKind.NAME)
        if number_field is None or name_field is None:
            raise RuntimeError(f"{scheme.ref} asks for no name or identity number")
        number = answers[number_field.key]
        applicant = await PeopleRepository(self.work.session).identify(
            people.bearer(self.work, number, answers[name_field.key]),
            people.digests(self.work, number),
            scheme_id=enrolment.scheme_id,
            other_than=enrolment.id,
            listing=blacklist.listing_of(self.work, scheme, number),
            card_family=scheme.card.family if scheme.card is not None else None,
        )
        if applicant.listed:
            await blacklist.ensure_answers_clear(self.work, scheme, answers)
        return applicant

    def _put_aside(self, enrolment: Enrolment, draft: Draft) -> None:
        """Pictures of what is no part of it any more: another set of alternatives was chosen, or an answer changed (C6)."""
        asked = {step.key for step in draft.steps if step.kind == "material"}
        idle = [row for row in enrolment.documents if row.material_key not in asked]
        if idle:
            self.enrolments.leave_out(enrolment, idle, at=self.work.now)

    def _derive(self, enrolment: Enrolment, scheme: Scheme, answers: Mapping[str, str]) -> None:
        day = local_day(self.work.now)
        added = {
            field.key: derived(
                field,
                dict(answers),
                short_title=scheme.short_title,
                submitted_on=day.isoformat(),
            )
            for field in scheme.fields
            if not field.asked
        }
        enrolment.answers = {**enrolment.answers, **added}
