"""The audit log 操作日志: every change with its actor, reason, before and after. Rows are only ever added."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.models import Actor
from services.unit_of_work import Work
from storage.tables import AuditEntry, Enrolment


def record(
    work: Work,
    actor: Actor,
    action: str,
    subject_kind: str,
    subject_id: object,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    organisation_id: UUID | None = None,
    scheme_ref: str | None = None,
) -> None:
    """Add one entry to this unit of work. Put no identity number, phone or token into `before`, `after` or `reason`."""
    work.session.add(
        AuditEntry(
            at=work.now,
            actor_kind=actor.kind,
            actor_id=actor.id,
            actor_name=actor.name,
            action=action,
            subject_kind=subject_kind,
            subject_id=str(subject_id),
            organisation_id=organisation_id or actor.organisation_id,
            scheme_ref=scheme_ref,
            reason=reason,
            before=dict(before or {}),
            after=dict(after or {}),
        )
    )


def enrolment_entry(
    work: Work,
    actor: Actor,
    action: str,
    enrolment: Enrolment,
    *,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> AuditEntry:
    """What `record_enrolment` would add, for a repository that writes it in one statement with something else."""
    return AuditEntry(
        at=work.now,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
        action=action,
        subject_kind="enrolment",
        subject_id=str(enrolment.id),
        organisation_id=enrolment.organisation_id,
        scheme_ref=enrolment.scheme_ref,
        reason="",
        before=dict(before),
        after=dict(after),
    )


def record_enrolment(
    work: Work,
    actor: Actor,
    action: str,
    enrolment: Enrolment,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    """`record` for something that happened to an enrolment."""
    record(
        work,
        actor,
        action,
        "enrolment",
        enrolment.id,
        before=before,
        after=after,
        reason=reason,
        organisation_id=enrolment.organisation_id,
        scheme_ref=enrolment.scheme_ref,
    )
