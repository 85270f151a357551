"""What the approval of a stage carries out besides (`does` in a scheme's review), in the same transaction."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from services.appointments import stage_acts
from services.models import Actor
from services.schemes.models import ReviewStage, Scheme
from services.unit_of_work import Work
from storage.tables import Enrolment

_ACTS: Final[Mapping[str, Callable[[Work, Actor, Enrolment, Scheme], Awaitable[None]]]] = {
    "recommend": stage_acts.recommend,
    "create_account": stage_acts.create_account,
    "appoint": stage_acts.make_appointment,
    "grant_login": stage_acts.grant_login,
}


async def carry_out(
    work: Work, actor: Actor, enrolment: Enrolment, scheme: Scheme, stage: ReviewStage
) -> None:
    """Do what the stage does, before it is passed. Raises ConflictError when that cannot be done; nothing is approved."""
    if stage.does:
        await _ACTS[stage.does](work, actor, enrolment, scheme)


def has_appointed(chain: Sequence[ReviewStage], index: int) -> bool:
    """Whether a stage before this one appointed the person: what follows is about the login only (E6)."""
    return any(stage.does == "appoint" for stage in chain[:index])


async def refuse_login(work: Work, actor: Actor, enrolment: Enrolment, scheme: Scheme, reason: str) -> None:
    """What a refusal leaves behind once the person was appointed."""
    await stage_acts.refuse_login(work, actor, enrolment, scheme, reason)


def concludes(scheme: Scheme) -> bool:
    """Whether the last approval ends the matter: the person is appointed, and nothing is paid, learnt or examined after."""
    return scheme.appointment is not None and scheme.exam is None and scheme.hours is None and not scheme.fees
