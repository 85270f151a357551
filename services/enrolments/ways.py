"""Which answers to the question of who reviews are open to people of an organisation: asked only where there is a choice (D2)."""

from collections.abc import Mapping, Sequence

from services.organisations.routing import stands_directly_under
from services.schemes.models import FieldKind, Scheme
from services.unit_of_work import Work
from storage.repositories.organisations import OrganisationRepository
from storage.states import OrganisationStatus
from storage.tables import Enrolment, Organisation


def steering_keys(scheme: Scheme) -> tuple[str, ...]:
    """The questions, with a list to choose from, whose answer decides which stages review."""
    asked = {stage.when.field for stage in scheme.review if stage.when is not None}
    return tuple(
        field.key
        for field in scheme.fields
        if field.key in asked and field.kind is FieldKind.CHOICE and field.when is None
    )


def open_ways(
    scheme: Scheme, key: str, path: Sequence[Organisation], place: Organisation | None
) -> tuple[str, ...]:
    """The values of this question whose stages are there for people of `path`'s first, in the order of the list.

    `place` is the city that it is located in. A stage that is for direct members only is open to those that stand under
    it without anybody between; another to those that have one of its kind above them or where they are.
    """
    active = {
        one.kind for one in (*path, *((place,) if place else ())) if one.status == OrganisationStatus.ACTIVE
    }
    stages = [stage for stage in scheme.review if stage.when is not None and stage.when.field == key]
    return tuple(
        option.value
        for option in scheme.field(key).options
        if all(
            stands_directly_under(path, stage.organisation_kind)
            if stage.direct
            else stage.organisation_kind in active
            for stage in stages
            if stage.when is not None and option.value in stage.when.is_in
        )
    )


async def settle(work: Work, enrolment: Enrolment, scheme: Scheme, path: Sequence[Organisation]) -> None:
    """Fill in what the place of a draft's organisation in the tree decides; leave to be asked what is a choice.

    `path` is the organisation with those above it. What was settled for another organisation and is a choice now
    loses its answer.
    """
    keys = steering_keys(scheme)
    if not keys:
        return
    located = path[0].located_in_id
    place = await OrganisationRepository(work.session).find(located) if located is not None else None
    answers, settled = dict(enrolment.answers), set(enrolment.settled)
    for key in keys:
        ways = open_ways(scheme, key, path, place)
        if len(ways) == 1:
            answers[key] = ways[0]
            settled.add(key)
        elif key in settled and len(ways) > 1:
            answers.pop(key, None)
            settled.discard(key)
    enrolment.answers, enrolment.settled = answers, sorted(settled)


def told(scheme: Scheme, settled: frozenset[str], answers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """What was settled, as label and choice."""
    return tuple(
        (field.label, next((one.label for one in field.options if one.value == answers.get(field.key)), ""))
        for field in scheme.fields
        if field.key in settled
    )
