"""Where an enrolment begins: its class notice, the organisation that it goes through, the draft."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID, uuid4

from services import audit, organisations
from services.answers import seal
from services.enrolments import class_choice, through, ways
from services.enrolments.draft import Draft, draft_of
from services.enrolments.own import OwnEnrolments
from services.errors import ConflictError
from services.models import Actor
from services.schemes.models import Scheme
from storage.states import EnrolmentState
from storage.tables import Enrolment, Organisation


class BeginningService(OwnEnrolments):
    """Begins drafts, and lets them go another way before they are submitted."""

    async def begin(
        self,
        follower_id: UUID,
        scheme: Scheme,
        *,
        actor: Actor,
        class_id: UUID | None = None,
        organisation_id: UUID | None = None,
    ) -> Draft:
        """A new draft in this scheme version, or the follower's draft from before.

        Where authorised organisations enrol, it begins with the class notice that was chosen (C3, C6), and goes over
        to another one that is chosen later. Where people enrol through one of several organisations, it begins with
        `organisation_id` likewise (D7, E5). Raises as `class_choice.chosen`, `through.chosen_path`.
        """
        home = await through.chosen_path(self.work, scheme, organisation_id)
        choice = await class_choice.chosen(self.work, scheme, class_id, follower_id)
        if choice is not None:
            existing = choice.draft
        else:
            existing = await self.enrolments.find_draft(follower_id, scheme.id)
        if existing is not None:
            if choice is not None and choice.course_class.id != existing.class_id:
                await class_choice.go_over(self.work, existing, choice)
            if home is not None:
                await self._put_through(existing, scheme, home)
            return self._begun(existing, choice)
        if choice is not None:
            organiser_id = choice.course_class.organisation_id
        elif home is not None:
            organiser_id = home[0].id
        else:
            organiser_id = await organisations.ensure(
                self.work,
                scheme.roles.organiser,
                scheme.roles.organiser_kind or scheme.review[0].organisation_kind,
            )
        enrolment = Enrolment(
            id=uuid4(),
            scheme_id=scheme.id,
            scheme_version=scheme.version,
            follower_id=follower_id,
            organisation_id=organiser_id,
            class_id=choice.course_class.id if choice is not None else None,
            state=EnrolmentState.DRAFT,
            answers={},
            returned={},
            reopened=[],
            settled=[],
            skipped=[],
            agreed=[],
            last_activity_at=self.work.now,
            created_at=self.work.now,
        )
        if home is not None:
            await self._put_through(enrolment, scheme, home)
        self.enrolments.add_draft(enrolment)
        audit.record_enrolment(self.work, actor, "enrolment.begun", enrolment)
        await self.work.session.flush()
        if choice is not None:
            self.work.session.add_all(class_choice.fees_held(enrolment, choice))
            await self.work.session.flush()
        return self._begun(enrolment, choice)

    async def go_through(self, enrolment_id: UUID, organisation_id: UUID, *, follower_id: UUID) -> Draft:
        """Let a draft go through another organisation. After the submission it stays where it is.

        Raises: ConflictError `enrolment.closed`; as `through.chosen_path`.
        """
        enrolment = await self._open(enrolment_id, follower_id)
        if enrolment.state != EnrolmentState.DRAFT:
            raise ConflictError("enrolment.closed", state=enrolment.state)
        scheme = self.work.scheme(enrolment.scheme_ref)
        home = await through.chosen_path(self.work, scheme, organisation_id)
        if home is not None:
            await self._put_through(enrolment, scheme, home)
        enrolment.last_activity_at = self.work.now
        return draft_of(self.work, enrolment)

    async def _put_through(self, enrolment: Enrolment, scheme: Scheme, home: Sequence[Organisation]) -> None:
        """The draft goes through the first of these, below the others: what asks for its name is answered, and what its place
        decides.
        """
        enrolment.organisation_id = home[0].id
        known = {
            field.key: seal(self.work, field, enrolment.id, home[0].name)
            for field in scheme.fields
            if field.prefill == "organisation.name"
        }
        enrolment.answers = {**enrolment.answers, **known}
        await ways.settle(self.work, enrolment, scheme, home)

    def _begun(self, enrolment: Enrolment, choice: class_choice.Choice | None) -> Draft:
        draft = draft_of(self.work, enrolment)
        return draft if choice is None else replace(draft, notice=choice.notice)
