"""Entries as staff see them: masked, with the statements opened and the files listed."""

from services import attachments
from services.blacklist.hearing import statement_context
from services.blacklist.models import BlacklistDetail, BlacklistLine, StatementView
from services.blacklist.obstacles import Obstacle, obstacle
from services.blacklist.proposing import list_of
from services.enrolments.views import HistoryLine
from services.models import Actor, BlacklistState
from services.people import masked_number
from services.rules.localtime import local_day
from services.unit_of_work import Work
from storage.repositories.attachments import AttachmentRepository
from storage.repositories.audit import AuditRepository
from storage.repositories.blacklist import BlacklistRepository
from storage.repositories.organisations import OrganisationRepository
from storage.repositories.people import PeopleRepository
from storage.tables import BlacklistEntry, BlacklistStatement


def line(work: Work, entry: BlacklistEntry, name: str, organisation: str) -> BlacklistLine:
    """One line of the list."""
    return BlacklistLine(
        id=entry.id,
        number=entry.number,
        name=name,
        organisation=organisation,
        reason=list_of(work, entry).label(entry.reason),
        state=BlacklistState(entry.state),
        expired=is_over(work, entry),
        proposed_at=entry.created_at,
        heard_until=entry.heard_until,
        starts_on=entry.starts_on,
        last_on=entry.last_on,
        lift_waits=entry.state == BlacklistState.CONFIRMED and entry.lift_proposed_by is not None,
    )


def _statement(work: Work, row: BlacklistStatement) -> StatementView:
    text = work.tools.keyring.decrypt_text(row.text_cipher, context=statement_context(row.id))
    return StatementView(at=row.created_at, channel=row.channel, taken_by=row.taken_by_name, text=text)


async def detail(work: Work, actor: Actor, entry: BlacklistEntry) -> BlacklistDetail:
    """The whole entry, for those who may read it."""
    await work.session.flush()
    session, blacklist = work.session, list_of(work, entry)
    person = await PeopleRepository(session).get_person(entry.person_id)
    organisation = await OrganisationRepository(session).find(entry.organisation_id)
    files = [attachments.view(row) for row in await AttachmentRepository(session).list_(entry_id=entry.id)]
    hindrance = await obstacle(work, actor, entry)
    if not hindrance.code and actor.id == entry.proposed_by:
        hindrance = Obstacle(code="blacklist.same_person")
    lift_waits = entry.state == BlacklistState.CONFIRMED and entry.lift_proposed_by is not None
    return BlacklistDetail(
        line=line(work, entry, person.name, organisation.name if organisation is not None else ""),
        organisation_id=entry.organisation_id,
        identity_masked=masked_number(work, person),
        scheme=work.scheme(f"{entry.scheme_id}@{entry.scheme_version}").short_title,
        enrolment_id=entry.enrolment_id,
        allegation=entry.allegation,
        papers=entry.papers,
        proposed_by=entry.proposed_by_name,
        told_at=entry.told_at,
        told_by=entry.told_by,
        years=blacklist.years,
        hearing_days=blacklist.hearing_days,
        statements=tuple(
            _statement(work, row) for row in await BlacklistRepository(work.session).statements(entry.id)
        ),
        evidence=tuple(one for one in files if one.role == "evidence"),
        statement_files=tuple(one for one in files if one.role == "statement"),
        decided_by=entry.decided_by_name or "",
        decided_at=entry.decided_at,
        decision_reason=entry.decision_reason,
        lift_proposed_by=entry.lift_proposed_by_name or "",
        lift_reason=entry.lift_reason,
        lifted_by=entry.lifted_by_name or "",
        lifted_at=entry.lifted_at,
        obstacle=hindrance.code,
        obstacle_facts=hindrance.facts,
        may_lift=lift_waits and actor.id != entry.lift_proposed_by,
        history=tuple(
            HistoryLine(
                at=past.at,
                actor=past.actor_name,
                actor_kind=past.actor_kind,
                action=past.action,
                reason=past.reason,
                before=past.before,
                after=past.after,
            )
            for past in await AuditRepository(session).list_of("blacklist", str(entry.id))
        ),
    )


def is_over(work: Work, entry: BlacklistEntry) -> bool:
    """Past its last day, without anybody's doing."""
    return (
        entry.state == BlacklistState.CONFIRMED
        and entry.last_on is not None
        and local_day(work.now) > entry.last_on
    )
