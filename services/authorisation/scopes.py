"""Occupations and levels that can be authorised: what the scheme files offer (C2)."""

from collections.abc import Iterable

from services.authorisation.views import ScopeView
from services.errors import ServiceError
from services.unit_of_work import Work


def offered(work: Work) -> tuple[ScopeView, ...]:
    """Every occupation at every level, once, in the order of the scheme files."""
    found = {}
    for scheme in work.tools.schemes.values():
        if (one := scheme.authorised_for) is not None:
            view = ScopeView(
                occupation=one.occupation,
                occupation_label=one.occupation_label,
                level=one.level,
                level_label=one.level_label,
            )
            found[view.key] = view
    return tuple(found.values())


def occupations(work: Work) -> dict[str, str]:
    """Key → label."""
    return {one.occupation: one.occupation_label for one in offered(work)}


def named(work: Work, keys: Iterable[str]) -> tuple[ScopeView, ...]:
    """These pairs in words, in the order of the files; one that no scheme offers any more stands last, as its key."""
    known = {one.key: one for one in offered(work)}
    wanted = dict.fromkeys(keys)
    return (
        *(one for key, one in known.items() if key in wanted),
        *(_unknown(key) for key in wanted if key not in known),
    )


def ensure_offered(work: Work, keys: Iterable[str]) -> list[str]:
    """The pairs, each once, in order. Raises ServiceError `authorisation.scope_unknown` (`key`)."""
    wanted, known = set(keys), {one.key for one in offered(work)}
    if unknown := sorted(wanted - known):
        raise ServiceError("authorisation.scope_unknown", key=unknown[0])
    return sorted(wanted)


def _unknown(key: str) -> ScopeView:
    occupation, _, level = key.partition("/")
    return ScopeView(occupation=occupation, occupation_label=occupation, level=level, level_label=level)
