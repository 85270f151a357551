"""An enrolment as its applicant sees it: what was answered and handed in, and what is still to do."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.answers import plain_answers
from services.enrolments.piles import piles
from services.printing.checking import check_forms
from services.rules import completeness, eligibility
from services.rules.completeness import Step
from services.rules.files import Pile
from services.schemes.models import Consent, Scheme
from services.study.class_notices import ClassNotice
from services.unit_of_work import Work
from storage.repositories.enrolments import OPEN
from storage.states import EnrolmentState
from storage.tables import Enrolment


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
    #: Keys of questions that are not asked, because its organisation answers them (D2).
    settled: frozenset[str]
    #: Keys of optional materials that were left out.
    skipped: frozenset[str]
    #: Field or material key → reason, while returned.
    returned: Mapping[str, str]
    #: Keys that the last return reopened, corrected or not, materials that would do instead of one of them, and forms
    #: that are to be printed anew because of a correction.
    reopened: frozenset[str]
    decision_reason: str
    submitted_at: datetime | None
    last_activity_at: datetime
    #: Whether it has a class.
    in_class: bool = False
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
        return completeness.steps(self.scheme, self.answers, self.handed_in, self.settled)

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
        """What is still to do, in order: what staff sent back, what has no answer or picture yet, and forms whose paper
        says something else than the answers by now (D6, E3, E5).
        """
        lacking = completeness.missing(self.scheme, self.answers, self.handed_in, self.skipped)
        again = tuple(step for step in self.steps if step.key in self.returned and step not in lacking)
        anew = self.outdated if self.open else ()
        return tuple(step for step in self.steps if step in lacking or step in again or step.key in anew)

    @property
    def unmet(self) -> tuple[eligibility.Unmet, ...]:
        """Conditions that cannot be met any more with these answers, whatever follows (D3, D4, E2)."""
        return eligibility.certain(eligibility.Facts(self.answers, self.handed_in), self.scheme)

    @property
    def falling_short(self) -> tuple[eligibility.Unmet, ...]:
        """Years and counts that are too few for one way to apply, while another may be open (D4)."""
        return eligibility.falling_short(eligibility.Facts(self.answers, self.handed_in), self.scheme)

    @property
    def checking(self) -> bool:
        """A picture is still being fetched and checked."""
        return any(file.checking for pile in self.files.values() for file in pile.files)

    @property
    def open(self) -> bool:
        """The applicant may change it."""
        return self.state in OPEN


def draft_of(work: Work, enrolment: Enrolment) -> Draft:
    """What the row says; its documents are loaded."""
    scheme, answers = work.scheme(enrolment.scheme_ref), plain_answers(work, enrolment)
    outdated = outdated_keys(work, enrolment)
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
            consent.key for consent in scheme.consents if fingerprint(consent) not in enrolment.agreed
        ),
        files=piles(enrolment.documents),
        settled=frozenset(enrolment.settled),
        skipped=frozenset(enrolment.skipped),
        returned=dict(enrolment.returned),
        reopened=completeness.reopened(scheme, enrolment.reopened) | outdated,
        decision_reason=enrolment.decision_reason,
        submitted_at=enrolment.submitted_at,
        last_activity_at=enrolment.last_activity_at,
        in_class=enrolment.class_id is not None,
        outdated=outdated,
    )


def outdated_keys(work: Work, enrolment: Enrolment) -> frozenset[str]:
    """Materials whose paper was printed before its answers changed; the documents are loaded."""
    scheme, answers = work.scheme(enrolment.scheme_ref), plain_answers(work, enrolment)
    checks = check_forms(scheme, answers, enrolment.documents, enrolment.id)
    return frozenset(key for key, check in checks.items() if check.outdated)


def fingerprint(consent: Consent) -> str:
    """SHA-256 of its text, as `Enrolment.agreed` keeps what was agreed to (A12)."""
    return hashlib.sha256(consent.text.encode()).hexdigest()
