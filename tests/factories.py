"""Rows that a test needs before its story starts, put into the test's own unit of work."""

import itertools
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from services.answers import seal
from services.enrolments.stages import Stages
from services.models import Actor, ClassState, EnrolmentState, StaffRole
from services.rules.identity import check_character
from services.rules.identity import parse as parse_identity
from services.rules.localtime import local_day
from services.unit_of_work import Work
from storage.tables import CourseClass, Enrolment, Follower, Organisation, Person, StageRecord

#: A valid identity number (a woman's, born 1949-12-31) that belongs to nobody: the one of the standard's example.
IDENTITY_NUMBER = "11010519491231002X"
MOBILE = "13800138000"

#: Under which an identity number of `persons` is encrypted and digested.
IDENTITY_CONTEXT = b"persons.identity_number"

_SERIAL = itertools.count(1)


def identity_number(serial: int) -> str:
    """A valid number of somebody born 1990-01-01 in Guiyang, another one for every `serial` from 0 to 999."""
    digits = f"52010319900101{serial:03d}"
    return digits + check_character(digits)


def staff_actor(organisation_id: UUID, role: StaffRole = StaffRole.OFFICER, *, name: str = "谢老师") -> Actor:
    """One who works there, without an account of their own."""
    return Actor(kind="staff", id=str(uuid4()), name=name, organisation_id=organisation_id, role=role)


def applicant_actor(follower_row: Follower) -> Actor:
    """The person behind the chat."""
    return Actor(kind="applicant", id=str(follower_row.id), name="申请人")


async def organisation(
    work: Work, name: str = "贵州省 ISO9000 质量促进会", kind: str = "association"
) -> Organisation:
    """An active organisation whose scope is not restricted; the one of this name, if there is one."""
    known = await work.session.scalar(select(Organisation).where(Organisation.name == name))
    if known is not None:
        return known
    row = Organisation(kind=kind, name=name, created_at=work.now)
    work.session.add(row)
    await work.session.flush()
    return row


async def follower(work: Work, openid: str | None = None, account: str = "main") -> Follower:
    """One who follows the account; another openid each time when none is given."""
    row = Follower(
        account=account,
        openid=openid or f"o-follower-{next(_SERIAL):06d}",
        followed_at=work.now,
        created_at=work.now,
    )
    work.session.add(row)
    await work.session.flush()
    return row


async def person(work: Work, *, name: str, number: str) -> Person:
    """The person of this identity number, made when unknown."""
    keyring = work.tools.keyring
    known = await work.session.scalar(
        select(Person).where(Person.identity_digest.in_(keyring.digests(number, context=IDENTITY_CONTEXT)))
    )
    if known is not None:
        return known
    meaning = parse_identity(number, today=local_day(work.now))
    row = Person(
        identity_cipher=keyring.encrypt_text(number, context=IDENTITY_CONTEXT),
        identity_digest=keyring.digest(number, context=IDENTITY_CONTEXT),
        name=name,
        birth_on=meaning.birth_on,
        sex=meaning.sex,
        created_at=work.now,
    )
    work.session.add(row)
    await work.session.flush()
    return row


async def enrolment(
    work: Work,
    *,
    organisation: Organisation,
    follower: Follower,
    scheme_id: str = "quality-safety-officer",
    scheme_version: str | None = None,
    state: EnrolmentState = EnrolmentState.ADMITTED,
    name: str = "王小明",
    identity_number: str = IDENTITY_NUMBER,
    mobile: str = MOBILE,
    route: str = "class",
    **overrides: Any,
) -> Enrolment:
    """An enrolment in this state with every question answered; `overrides` are further answers by field key."""
    schemes = work.tools.schemes
    scheme = schemes[f"{scheme_id}@{scheme_version}"] if scheme_version else schemes.current(scheme_id)
    bearer = await person(work, name=name, number=identity_number)
    follower.person_id = bearer.id
    given = {
        "name": name,
        "identity_number": identity_number,
        "sex": bearer.sex,
        "mobile": mobile,
        "region": "贵州省贵阳市云岩区",
        "education": "大学本科",
        "school": "贵州大学",
        "route": route,
        "paper": "no",
        "item": scheme.short_title,
        **overrides,
    }
    submitted = state is not EnrolmentState.DRAFT
    decided = submitted and state not in (EnrolmentState.IN_REVIEW, EnrolmentState.RETURNED)
    row = Enrolment(
        id=uuid4(),
        scheme_id=scheme.id,
        scheme_version=scheme.version,
        follower_id=follower.id,
        person_id=bearer.id,
        organisation_id=organisation.id,
        state=state,
        submitted_at=work.now if submitted else None,
        decided_at=work.now if decided else None,
        last_activity_at=work.now,
        created_at=work.now,
    )
    row.answers = {
        key: seal(work, scheme.field(key), row.id, str(value))
        for key, value in given.items()
        if scheme.has_field(key)
    }
    work.session.add(row)
    await work.session.flush()
    if state is EnrolmentState.IN_REVIEW:
        await waiting_stage(work, row)
    return row


async def waiting_stage(work: Work, enrolment: Enrolment, index: int = 0) -> StageRecord:
    """The stage of its chain that an enrolment in review waits at, before its own organisation."""
    stages = Stages(work)
    record = StageRecord(
        enrolment_id=enrolment.id,
        round=1,
        index=index,
        key=stages.chain(enrolment)[index].key,
        organisation_id=enrolment.organisation_id,
        entered_at=work.now,
    )
    work.session.add(record)
    await work.session.flush()
    return record


async def course_class(
    work: Work,
    *,
    organisation: Organisation,
    scheme_id: str = "quality-safety-officer",
    code: str = "QSO-2026-11",
    training_fee_fen: int | None = None,
    payee: dict[str, str] | None = None,
    capacity: int | None = None,
) -> CourseClass:
    """An open class in December 2026, online."""
    row = CourseClass(
        code=code,
        scheme_id=scheme_id,
        organisation_id=organisation.id,
        title="质量安全员培训班",
        starts_on=date(2026, 12, 1),
        ends_on=date(2026, 12, 5),
        form="online",
        place="人员能力验证综合服务平台",
        training_fee_fen=training_fee_fen,
        payee=payee or {},
        capacity=capacity,
        state=ClassState.OPEN,
        created_at=work.now,
    )
    work.session.add(row)
    await work.session.flush()
    return row
