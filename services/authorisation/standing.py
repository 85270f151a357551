"""Whether an organisation is authorised for what it is about to do (C3, C4, C10, C12, C14); other services ask here."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.authorisation.measures import measures
from services.errors import ConflictError
from services.rules import authorisation as rules
from services.rules.localtime import local_day
from services.schemes.models import Scheme
from services.unit_of_work import Work
from storage.authorisation_states import Act
from storage.repositories.authorisation import AuthorisationRepository, Needed, StandingRow
from storage.tables import CourseClass


class NotAuthorisedError(ConflictError):
    """The organisation may not do this for this occupation and level now.

    Codes `authorisation.none`, `.ended`, `.suspended` (`reason`), `.self_check_missed` (`year`), `.out_of_scope`; facts
    `occupation` and `level` in words. `organisation_id`, `scheme_id` and `act` say what was tried, for
    `services.authorisation.attempts`.
    """

    def __init__(
        self, code: str, *, organisation_id: UUID, scheme: Scheme, act: Act, **facts: object
    ) -> None:
        wanted = scheme.authorised_for
        words = {"occupation": wanted.occupation_label, "level": wanted.level_label} if wanted else {}
        super().__init__(f"authorisation.{code}", scheme=scheme.short_title, **words, **facts)
        self.organisation_id = organisation_id
        self.scheme_id = scheme.id
        self.act = act


@dataclass(frozen=True, kw_only=True)
class Authorised:
    """Who authorised it, and when; and the class that was asked for beside it."""

    authorisation_id: UUID
    society_id: UUID
    authorised_on: date
    course_class: CourseClass | None


async def ensure_authorised(
    work: Work, organisation_id: UUID, scheme: Scheme, act: Act, *, class_id: UUID | None = None
) -> Authorised | None:
    """Raise unless the organisation may do this in this scheme today; one statement where it may, `class_id` or not.

    None for a scheme that needs no authorisation, and for the kind of organisation that authorises others.

    Raises:
        NotAuthorisedError: never authorised, ended, suspended, no self-check handed in, or out of scope.
    """
    if (needed := needed_for(work, organisation_id, scheme)) is None:
        return None
    row = await AuthorisationRepository(work.session).standing(needed, class_id=class_id)
    return judged(row, needed, scheme, act)


def needed_for(work: Work, organisation_id: UUID, scheme: Scheme) -> Needed | None:
    """What is to be read before `judged`; None for a scheme that needs no authorisation."""
    if (wanted := scheme.authorised_for) is None:
        return None
    month, day = measures().self_check.due
    return Needed(
        organisation_id=organisation_id,
        occupation=wanted.occupation,
        level=wanted.level,
        year=rules.last_year_due(local_day(work.now), month=month, day=day),
    )


def judged(row: StandingRow | None, needed: Needed, scheme: Scheme, act: Act) -> Authorised | None:
    """What follows from what was read. Raises as `ensure_authorised`."""
    if row is None or (authorisation := row.authorisation) is None:
        if row is not None and scheme.authorised_for is not None and row.kind == scheme.authorised_for.by:
            return None
        raise NotAuthorisedError("none", organisation_id=needed.organisation_id, scheme=scheme, act=act)
    why = rules.refusal(
        rules.Standing(
            state=authorisation.state,
            in_scope=row.in_scope,
            authorised_on=authorisation.authorised_on,
            last_self_check=row.self_check_state,
        ),
        last_year_due=needed.year,
    )
    if why:
        raise NotAuthorisedError(
            why,
            organisation_id=needed.organisation_id,
            scheme=scheme,
            act=act,
            reason=authorisation.state_reason,
            year=needed.year,
        )
    return Authorised(
        authorisation_id=authorisation.id,
        society_id=authorisation.society_id,
        authorised_on=authorisation.authorised_on,
        course_class=row.course_class,
    )


def may_act(row: StandingRow | None, needed: Needed, scheme: Scheme, act: Act) -> bool:
    """`judged` as a yes or no."""
    try:
        judged(row, needed, scheme, act)
    except NotAuthorisedError:
        return False
    return True
