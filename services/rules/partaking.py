"""Which organisations have a part in a scheme, and which of them train and examine its people (A5, A7, C3, D2, E2)."""

from collections.abc import Iterable

from services.rules.organisation_kinds import OrganisationKind
from services.schemes.models import ReviewStage, Scheme


def runs(scheme: Scheme) -> frozenset[str]:
    """The kinds of organisation that enrol people in a scheme, decide about them, or train and examine them."""
    kinds: set[str] = {
        scheme.roles.organiser_kind,
        scheme.roles.trained_by,
        *scheme.roles.through,
        *(stage.organisation_kind for stage in scheme.review),
    }
    return frozenset(kinds - {"", "home", "decider"})


def part(scheme: Scheme) -> frozenset[str]:
    """The kinds of organisation that have any part in a scheme."""
    kinds = set(runs(scheme))
    if scheme.changes is not None:
        kinds |= {stage.organisation_kind for stage in scheme.changes.review}
    if scheme.authorised_for is not None:
        kinds.add(scheme.authorised_for.by)
    if scheme.card is not None:
        kinds |= {scheme.card.numbered_by, *scheme.card.made_by}
    if scheme.appointment is not None:
        terms = scheme.appointment
        kinds |= {terms.decided_by, terms.laboratory_kind, *terms.evaluated_by, *terms.logins_by}
    return frozenset(kinds)


def sees(schemes: Iterable[Scheme], kind: str) -> tuple[Scheme, ...]:
    """The schemes of which an organisation of this kind may have people; all for a kind that no scheme names."""
    every = tuple(schemes)
    return tuple(scheme for scheme in every if kind in part(scheme)) or every


def organiser_kind(scheme: Scheme) -> str:
    """What the organisation is that the scheme names as its organiser."""
    return scheme.roles.organiser_kind or scheme.review[0].organisation_kind


def training_kinds(scheme: Scheme) -> frozenset[str]:
    """The kinds of organisation that train and examine people of a scheme, as `Roles.trained_by` says.

    Where that is the one that people enrol through, the organiser trains beside it; and alone where nothing is held
    through it (E2: the training centre trains, laboratories only recommend).
    """
    match scheme.roles.trained_by:
        case "decider":
            return frozenset(_last_deciders(scheme.review))
        case "home":
            through = scheme.roles.through if _is_held(scheme) else ()
            return frozenset({organiser_kind(scheme), *through})
        case kind:
            return frozenset({kind})


def trains(scheme: Scheme, *, kind: str, name: str) -> bool:
    """Whether an organisation may announce classes and exams of a scheme (A5, A7, C3, D2).

    The organiser is the one that the scheme names: another of its kind enrols nobody. Where any authorised organisation
    of a kind trains (C2), whether this one is authorised is another question.
    """
    if kind not in training_kinds(scheme):
        return False
    by_name = scheme.roles.trained_by == "home" and scheme.authorised_for is None
    return not by_name or kind in scheme.roles.through or name == scheme.roles.organiser


def _last_deciders(review: Iterable[ReviewStage]) -> set[OrganisationKind]:
    """Who may decide last: the stages at the end that each apply to some only, or else the last one."""
    stages = list(review)
    last = {stages[-1].organisation_kind}
    for stage in reversed(stages):
        if stage.when is None:
            break
        last.add(stage.organisation_kind)
    return last


def _is_held(scheme: Scheme) -> bool:
    return scheme.hours is not None or scheme.exam is not None or scheme.class_plan is not None
