"""Importing the list of logins into a roster check: dry run first, then for real (E6)."""

import asyncio
from collections.abc import Sequence
from uuid import UUID, uuid4

from services.appointments.accounts import login_digests, sealed_login
from services.appointments.roster_plan import KeptEntry, LoginPlan, Owner, plan
from services.appointments.roster_sheet import COLUMNS, LoginRow, read_rows
from services.appointments.views import LOGIN_CONTEXT
from services.imports import ImportReport, record_run, report
from services.models import Actor
from services.rules.text import fold
from services.spreadsheets import Table, read_table
from services.unit_of_work import Work
from storage.repositories.business_accounts import BusinessAccountRepository
from storage.repositories.laboratories import LaboratoryRepository
from storage.repositories.rosters import RosterRepository
from storage.tables import RosterCheck, RosterEntry


async def run(
    work: Work,
    actor: Actor,
    check: RosterCheck,
    laboratory_kind: str,
    filename: str,
    content: bytes,
    *,
    dry_run: bool,
) -> ImportReport:
    """What the file does or would do; the caller has checked who asks. Raises SpreadsheetError."""
    table = await asyncio.to_thread(read_table, filename, content, COLUMNS)
    rows, errors = read_rows(table)
    entries = {row.entry.id: row.entry for row in await RosterRepository(work.session).entries(check)}
    laboratories = await LaboratoryRepository(work.session).laboratories([laboratory_kind], None)
    outcome = plan(
        table,
        rows,
        laboratories={fold(one.name): one.id for one in laboratories},
        kept=[_kept(work, entry) for entry in entries.values()],
        owners=await _owners(work, rows),
    )
    errors.extend(outcome.errors)
    if not dry_run:
        await _apply(work, actor, check, table, outcome, entries, len(errors))
    return report(
        "logins",
        table,
        dry_run=dry_run,
        new=len(outcome.new),
        changed=len(outcome.given) + len(outcome.taken),
        same=outcome.same,
        errors=tuple(errors),
    )


async def _owners(work: Work, rows: Sequence[LoginRow]) -> dict[str, Owner]:
    digests = {digest: row.login.lower() for row in rows for digest in login_digests(work, row.login)}
    found = await BusinessAccountRepository(work.session).list_by_logins(list(digests))
    return {
        digests[account.login_digest]: Owner(person_id=account.person_id, name=name)
        for account, name in found
    }


async def _apply(
    work: Work,
    actor: Actor,
    check: RosterCheck,
    table: Table,
    outcome: LoginPlan,
    entries: dict[UUID, RosterEntry],
    errors: int,
) -> None:
    counts = {
        "new": len(outcome.new),
        "changed": len(outcome.given) + len(outcome.taken),
        "same": outcome.same,
        "errors": errors,
    }
    await record_run(work, actor, "logins", table, counts)
    for taken in outcome.taken:
        entries[taken.id].has_login = False
    for kept, row in outcome.given:
        entry = entries[kept.id]
        entry.has_login = True
        entry.login_digest, entry.login_cipher = sealed_login(work, row.login)
    for row, laboratory_id, person_id in outcome.new:
        digest, cipher = sealed_login(work, row.login)
        work.session.add(
            RosterEntry(
                id=uuid4(),
                check_id=check.id,
                laboratory_id=laboratory_id,
                person_id=person_id,
                name=row.name,
                login_digest=digest,
                login_cipher=cipher,
                has_login=True,
                created_at=work.now,
            )
        )
    await work.session.flush()


def _kept(work: Work, entry: RosterEntry) -> KeptEntry:
    login = (
        work.tools.keyring.decrypt_text(entry.login_cipher, context=LOGIN_CONTEXT).lower()
        if entry.login_cipher is not None
        else None
    )
    return KeptEntry(
        id=entry.id,
        laboratory_id=entry.laboratory_id,
        person_id=entry.person_id,
        name=entry.name,
        login=login,
        has_login=entry.has_login,
    )
