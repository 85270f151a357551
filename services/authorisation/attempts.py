"""Refused attempts: staff tried what their organisation is not authorised for (C3).

A refusal rolls its unit of work back, so the edges note it afterwards, in one of its own.
"""

from services import audit
from services.authorisation.standing import NotAuthorisedError
from services.models import Actor
from services.unit_of_work import Tools
from storage.tables import RefusedAttempt


async def note(tools: Tools, actor: Actor, error: Exception) -> None:
    """Keep an attempt of the organisation's own staff, for the society to see; anything else is left alone."""
    if not isinstance(error, NotAuthorisedError) or actor.organisation_id != error.organisation_id:
        return
    async with tools.unit_of_work() as work:
        work.session.add(
            RefusedAttempt(
                organisation_id=error.organisation_id,
                scheme_id=error.scheme_id,
                act=error.act,
                code=error.code,
                staff_id=actor.id,
                staff_name=actor.name,
                created_at=work.now,
            )
        )
        audit.record(
            work,
            actor,
            "authorisation.refused",
            "organisation",
            error.organisation_id,
            after={"scheme": error.scheme_id, "act": str(error.act), "code": error.code},
            organisation_id=error.organisation_id,
        )
