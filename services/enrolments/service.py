"""Enrolments 报名: from the first question to the submission. What staff do with one is in `services.enrolments.review`."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID, uuid4

from services import audit, blacklist, organisations, people
from services.answers import is_still, plain_answers, seal
from services.cards.bars import ensure_not_barred
from services.enrolments import class_choice, through
from services.enrolments.piles import piles
from services.enrolments.stages import Stages
from services.errors import ConflictError, NotFoundError, ServiceError
from services.jobs import Task, defer
from services.models import Actor
from services.printing.checking import check_forms
from services.rules import completeness, eligibility, tables
from services.rules.answers import derived, read
from services.rules.completeness import Step
from services.rules.files import Pile, pile_of, place_for_next
from services.rules.localtime import local_day
from services.schemes.models import Consent, FieldKind, Scheme
from services.study.class_notices import ClassNotice
from services.unit_of_work import Work
from storage.repositories.enrolments import OPEN, EnrolmentRepository
from storage.repositories.people import Applicant, PeopleRepository
from storage.states import DocumentState, EnrolmentState
from storage.tables import Document, Enrolment, Organisation


class IncompleteEnrolmentError(ServiceError):
    """A required field or document is missing; `.missing` names the steps, in their order."""

    def __init__(self, missing: tuple[Step, ...]) -> None:
        super().__init__("enrolment.incomplete", count=len(missing))
        self.missing = missing


class NotEligibleError(ServiceError):
    """The scheme's conditions do not hold; `.unmet` says which and what would meet them."""

    def __init__(self, unmet: tuple[eligibility.Unmet, ...]) -> None:
        super().__init__("enrolment.not_eligible", count=len(unmet))
        self.unmet = unmet


@dataclass(frozen=True, kw_only=True)
class Draft:
    """An enrolment as its applicant sees it. Answers are in the clear: mask them before they go out."""

    id: UUID
    number: int
    scheme: Scheme
    organisation_id: UUID
    #: Whose it is; None before the first submission.
    person_id: UUID | None
    #: The organisation whose classes and sittings are this enrolment's.
    trained_by: UUID
    state: EnrolmentState
    attempt: int
    answers: Mapping[str, str]
    #: Keys of the scheme's consents that were not agreed to in their present text.
    outstanding_consents: tuple[str, ...]
    #: Material key → its current pictures.
    files: Mapping[str, Pile]
    #: Keys of optional materials that were left out.
    skipped: frozenset[str]
    #: Field or material key → reason, while returned.
    returned: Mapping[str, str]
    #: Keys that the last return reopened, corrected or not, and materials that would do instead of one of them.
    reopened: frozenset[str]
    decision_reason: str
    submitted_at: datetime | None
    last_activity_at: datetime
    #: Keys of printed forms that were handed in and whose answers have changed since they were printed.
    outdated: frozenset[str] = frozenset()
    #: The class notice that it has just begun with (C6).
    notice: ClassNotice | None = None

    @property
    def handed_in(self) -> frozenset[str]:
        """Materials with a picture, and none that is refused."""
        return frozenset(key for key, pile in self.files.items() if pile.complete)

    @property
    def steps(self) -> tuple[Step, ...]:
        """Everything that is asked, in order."""
        return completeness.steps(self.scheme, self.answers, self.handed_in)

    @property
    def instead(self) -> tuple[Step, ...]:
        """Materials that may be handed in instead of others (C6); after a return, instead of what was sent back."""
        if not self.open:
            return ()
        keys = (key for step in self.steps for key in completeness.instead_of(self.scheme, step.key))
        returned = self.state is EnrolmentState.RETURNED
        return tuple(
            Step("material", key) for key in dict.fromkeys(keys) if not returned or key in self.reopened
        )

    @property
    def missing(self) -> tuple[Step, ...]:
        """What is still to do, in order: what staff sent back, else what has no answer or picture yet."""
        lacking = completeness.missing(self.scheme, self.answers, self.handed_in, self.skipped)
        again = tuple(step for step in self.steps if step.key in self.returned and step not in lacking)
        return tuple(step for step in self.steps if step in lacking or step in again)

    @property
    def unmet(self) -> tuple[eligibility.Unmet, ...]:
        """Conditions that cannot be met any more with these answers, whatever follows (D3, D4, E2)."""
        return eligibility.certain(eligibility.Facts(self.answers, self.handed_in), self.scheme)

    @property
    def checking(self) -> bool:
        """A picture is still being fetched and checked."""
        return any(file.checking for pile in self.files.values() for file in pile.files)

    @property
    def open(self) -> bool:
        """The applicant may change it."""
        return self.state in OPEN


class EnrolmentService:
    """What applicants do with their enrolments."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.enrolments = EnrolmentRepository(work.session)

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
        `organisation_id` likewise (D7, E5). Raises as `class_choice.chosen`, `through.chosen_organisation`.
        """
        home = await through.chosen_organisation(self.work, scheme, organisation_id)
        choice = await class_choice.chosen(self.work, scheme, class_id, follower_id)
        if choice is not None:
            existing = choice.draft
        else:
            existing = await self.enrolments.find_draft(follower_id, scheme.id)
        if existing is not None:
            if choice is not None and choice.course_class.id != existing.class_id:
                await class_choice.go_over(self.work, existing, choice)
            if home is not None:
                self._put_through(existing, scheme, home)
            return self._begun(existing, choice)
        if choice is not None:
            organiser_id = choice.course_class.organisation_id
        elif home is not None:
            organiser_id = home.id
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
            skipped=[],
            agreed=[],
            last_activity_at=self.work.now,
            created_at=self.work.now,
        )
        if home is not None:
            self._put_through(enrolment, scheme, home)
        self.enrolments.add_draft(enrolment)
        audit.record_enrolment(self.work, actor, "enrolment.begun", enrolment)
        await self.work.session.flush()
        if choice is not None:
            self.work.session.add_all(class_choice.fees_held(enrolment, choice))
            await self.work.session.flush()
        return self._begun(enrolment, choice)

    def _begun(self, enrolment: Enrolment, choice: class_choice.Choice | None) -> Draft:
        draft = self._view(enrolment)
        return draft if choice is None else replace(draft, notice=choice.notice)

    async def go_through(self, enrolment_id: UUID, organisation_id: UUID, *, follower_id: UUID) -> Draft:
        """Let a draft go through another organisation. After the submission it stays where it is.

        Raises: ConflictError `enrolment.closed`; as `through.chosen_organisation`.
        """
        enrolment = await self._open(enrolment_id, follower_id)
        if enrolment.state != EnrolmentState.DRAFT:
            raise ConflictError("enrolment.closed", state=enrolment.state)
        scheme = self.work.scheme(enrolment.scheme_ref)
        home = await through.chosen_organisation(self.work, scheme, organisation_id)
        if home is not None:
            self._put_through(enrolment, scheme, home)
        enrolment.last_activity_at = self.work.now
        return self._view(enrolment)

    async def get(self, enrolment_id: UUID, *, follower_id: UUID) -> Draft:
        """The follower's own enrolment. Raises NotFoundError."""
        return self._view(await self._own(enrolment_id, follower_id))

    async def find_open(
        self, follower_id: UUID, *, rather: UUID | None = None, for_update: bool = False
    ) -> Draft | None:
        """What the follower may change: `rather`, when it is theirs and open, else what they changed last.

        `for_update` locks it at once for a verb that follows.
        """
        row = await self.enrolments.find_open(follower_id, rather=rather, for_update=for_update)
        return self._view(row) if row is not None and row.state in OPEN else None

    async def list_of(self, follower_id: UUID) -> tuple[Draft, ...]:
        """All of a follower's enrolments, the newest activity first."""
        return tuple(self._view(row) for row in await self.enrolments.list_of_follower(follower_id))

    async def agree(self, enrolment_id: UUID, consent_key: str, *, follower_id: UUID, actor: Actor) -> Draft:
        """Keep that the applicant agreed to exactly this text (A12)."""
        enrolment = await self._own(enrolment_id, follower_id, for_update=True)
        scheme = self.work.scheme(enrolment.scheme_ref)
        consent = next(item for item in scheme.consents if item.key == consent_key)
        sha256 = _fingerprint(consent)
        await self.enrolments.add_consent(
            enrolment.id,
            consent_key,
            sha256=sha256,
            title=consent.title,
            text=consent.text,
            agreed_at=self.work.now,
        )
        enrolment.agreed = sorted({*enrolment.agreed, sha256})
        audit.record_enrolment(
            self.work,
            actor,
            "enrolment.consented",
            enrolment,
            after={"consent": consent_key, "sha256": sha256},
        )
        enrolment.last_activity_at = self.work.now
        return self._view(enrolment)

    async def answer(
        self,
        enrolment_id: UUID,
        field_key: str,
        typed: str | tables.Grid,
        *,
        follower_id: UUID,
        seen: str | None = None,
    ) -> Draft:
        """Keep the answer to one field, as it was typed in the chat or on a page.

        `seen` is the fingerprint (`services.answers`) of the answer that was there when this one was asked for; None
        when that does not matter. What somebody gave elsewhere meanwhile is never overwritten unseen.

        Raises:
            services.rules.errors.InvalidValueError: what is wrong with it.
            services.blacklist.BarredError: the identity number is one of those that are barred (C7).
            ConflictError: `enrolment.closed`, `enrolment.field_closed` while only returned fields are open, or
                `enrolment.answered_elsewhere`.
        """
        enrolment = await self._open(enrolment_id, follower_id)
        scheme = self.work.scheme(enrolment.scheme_ref)
        self._ensure_reopened(enrolment, field_key)
        field = scheme.field(field_key)
        answers = plain_answers(self.work, enrolment)
        before = answers.get(field_key)
        if seen is not None and not is_still(self.work, before, seen):
            raise ConflictError("enrolment.answered_elsewhere", key=field_key)
        answers[field_key] = read(field, typed, today=local_day(self.work.now), answers=answers)
        if field.kind is FieldKind.IDENTITY_NUMBER:
            await self._ensure_clear(scheme, answers)
        changed = {field_key: answers[field_key]} | {
            table.key: tables.pruned(table, answers)
            for table in scheme.fields
            if table.rows_of == field_key and table.key in answers
        }
        for key, value in changed.items():
            kept = seal(self.work, scheme.field(key), enrolment.id, value)
            enrolment.answers = {**enrolment.answers, key: kept}
        self._done(enrolment, field_key)
        return self._view(enrolment)

    async def skip(self, enrolment_id: UUID, field_key: str, *, follower_id: UUID) -> Draft:
        """Leave an optional field empty. Raises ConflictError as `answer`, or `enrolment.required`."""
        enrolment = await self._open(enrolment_id, follower_id)
        field = self.work.scheme(enrolment.scheme_ref).field(field_key)
        self._ensure_reopened(enrolment, field_key)
        if field.is_required(plain_answers(self.work, enrolment)):
            raise ConflictError("enrolment.required", key=field_key)
        enrolment.answers = {**enrolment.answers, field_key: seal(self.work, field, enrolment.id, "")}
        self._done(enrolment, field_key)
        return self._view(enrolment)

    async def hand_in(
        self,
        enrolment_id: UUID,
        material_key: str,
        media_id: str,
        *,
        account: str,
        follower_id: UUID,
        place: int | None = None,
    ) -> Draft:
        """Take a picture for one material: it is fetched and checked by a job.

        Of a material of several pictures it takes the next place, or that of the one at `place`. Raises ConflictError as
        `answer`, or `enrolment.files_full` (`limit`).
        """
        enrolment = await self._open(enrolment_id, follower_id)
        self._ensure_reopened(enrolment, material_key)
        material = self.work.scheme(enrolment.scheme_ref).material(material_key)
        pile = pile_of(piles(enrolment.documents), material_key)
        ordinal = place_for_next(material, pile, place)
        if ordinal is None:
            raise ConflictError("enrolment.files_full", key=material_key, limit=material.max_files)
        document = Document(
            id=uuid4(),
            enrolment_id=enrolment.id,
            material_key=material_key,
            ordinal=ordinal,
            state=DocumentState.FETCHING,
            media_id=media_id,
            refusal={},
            warnings={},
            created_at=self.work.now,
        )
        await self.enrolments.add_document(enrolment, document)
        enrolment.skipped = [key for key in enrolment.skipped if key != material_key]
        self._done(enrolment, material_key)
        await self.work.session.flush()
        await defer(self.work, Task.TAKE_PICTURE, document_id=str(document.id), account=account)
        return self._view(enrolment)

    async def submit(self, enrolment_id: UUID, *, follower_id: UUID, actor: Actor) -> Draft:
        """Hand a complete draft, or a corrected one, to its review.

        Raises:
            IncompleteEnrolmentError: something required is missing.
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
        draft = self._view(enrolment)
        if draft.missing:
            raise IncompleteEnrolmentError(draft.missing)
        if draft.checking:
            raise ConflictError("enrolment.checking")
        if draft.outstanding_consents:
            raise ConflictError("enrolment.consent")
        if unmet := eligibility.assess(eligibility.Facts(draft.answers, draft.handed_in), scheme):
            raise NotEligibleError(unmet)
        applicant = await self._identify(enrolment, scheme, draft.answers)
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
        return self._view(enrolment)

    async def withdraw(self, enrolment_id: UUID, *, follower_id: UUID, actor: Actor) -> Draft:
        """Give an enrolment up, by its applicant, before it was admitted. Raises ConflictError."""
        enrolment = await self._own(enrolment_id, follower_id, for_update=True)
        if enrolment.state not in (*OPEN, EnrolmentState.IN_REVIEW):
            raise ConflictError("enrolment.closed", state=enrolment.state)
        before, enrolment.state = enrolment.state, EnrolmentState.WITHDRAWN
        await Stages(self.work).end(enrolment, actor)
        enrolment.last_activity_at = self.work.now
        audit.record_enrolment(
            self.work,
            actor,
            "enrolment.withdrawn",
            enrolment,
            before={"state": before},
            after={"state": enrolment.state},
        )
        return self._view(enrolment)

    async def _ensure_clear(self, scheme: Scheme, answers: Mapping[str, str]) -> None:
        number, name = scheme.field_of_kind(FieldKind.IDENTITY_NUMBER), scheme.field_of_kind(FieldKind.NAME)
        if scheme.blacklist is not None and number is not None and name is not None:
            await blacklist.ensure_clear(
                self.work, scheme, number=answers[number.key], name=answers.get(name.key, "")
            )

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
        )
        if applicant.listed:
            await self._ensure_clear(scheme, answers)
        return applicant

    def _put_aside(self, enrolment: Enrolment, draft: Draft) -> None:
        """Pictures of what is no part of it any more: another set of alternatives was chosen, or an answer changed (C6)."""
        asked = {step.key for step in draft.steps if step.kind == "material"}
        idle = [row for row in enrolment.documents if row.material_key not in asked]
        if idle:
            self.enrolments.leave_out(enrolment, idle, at=self.work.now)

    def _put_through(self, enrolment: Enrolment, scheme: Scheme, home: Organisation) -> None:
        """The draft goes through this organisation, and what asks for its name is answered."""
        enrolment.organisation_id = home.id
        known = {
            field.key: seal(self.work, field, enrolment.id, home.name)
            for field in scheme.fields
            if field.prefill == "organisation.name"
        }
        enrolment.answers = {**enrolment.answers, **known}

    def _derive(self, enrolment: Enrolment, scheme: Scheme, answers: Mapping[str, str]) -> None:
        day: date = local_day(self.work.now)
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

    def _done(self, enrolment: Enrolment, key: str) -> None:
        enrolment.returned = {other: reason for other, reason in enrolment.returned.items() if other != key}
        enrolment.last_activity_at = self.work.now

    def _ensure_reopened(self, enrolment: Enrolment, key: str) -> None:
        """After a return only the returned items are open; one that was just corrected stays open until 提交."""
        if enrolment.state != EnrolmentState.RETURNED or key in enrolment.reopened:
            return
        if key not in completeness.reopened(self.work.scheme(enrolment.scheme_ref), enrolment.reopened):
            raise ConflictError("enrolment.field_closed", key=key)

    async def _own(self, enrolment_id: UUID, follower_id: UUID, *, for_update: bool = False) -> Enrolment:
        enrolment = await self.enrolments.find_with_documents(enrolment_id, for_update=for_update)
        if enrolment is None or enrolment.follower_id != follower_id:
            raise NotFoundError("enrolment.not_found")
        return enrolment

    async def _open(self, enrolment_id: UUID, follower_id: UUID) -> Enrolment:
        enrolment = await self._own(enrolment_id, follower_id, for_update=True)
        if enrolment.state not in OPEN:
            raise ConflictError("enrolment.closed", state=enrolment.state)
        return enrolment

    def _view(self, enrolment: Enrolment) -> Draft:
        scheme, answers = self.work.scheme(enrolment.scheme_ref), plain_answers(self.work, enrolment)
        return Draft(
            id=enrolment.id,
            number=enrolment.number,
            scheme=scheme,
            organisation_id=enrolment.organisation_id,
            person_id=enrolment.person_id,
            trained_by=enrolment.trained_by,
            state=EnrolmentState(enrolment.state),
            attempt=enrolment.attempt,
            answers=answers,
            outstanding_consents=tuple(
                consent.key for consent in scheme.consents if _fingerprint(consent) not in enrolment.agreed
            ),
            files=piles(enrolment.documents),
            skipped=frozenset(enrolment.skipped),
            returned=dict(enrolment.returned),
            reopened=completeness.reopened(scheme, enrolment.reopened),
            decision_reason=enrolment.decision_reason,
            submitted_at=enrolment.submitted_at,
            last_activity_at=enrolment.last_activity_at,
            outdated=frozenset(
                key
                for key, check in check_forms(scheme, answers, enrolment.documents, enrolment.id).items()
                if check.outdated
            ),
        )


def _fingerprint(consent: Consent) -> str:
    return hashlib.sha256(consent.text.encode()).hexdigest()
