"""Organisations of every source in one database, with their officers, and people who apply to them."""

import itertools
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select

from services import organisations
from services.answers import seal
from services.appointments.coverage import CoverageService
from services.enrolments.beginning import BeginningService
from services.enrolments.service import EnrolmentService
from services.models import Actor, StaffRole
from services.rules.identity import check_character
from services.schemes.models import Scheme
from services.unit_of_work import Tools
from storage.tables import CourseClass, Enrolment, Follower, Organisation
from tests import certificate_rows, factories, sub_centres, trees
from tests.walks import filling

_SERIAL: Final = itertools.count(1)
SYSTEM: Final = Actor.system("walk")


def _identity_number(serial: int) -> str:
    """Of somebody in Guiyang, another one for each of a million."""
    day = date(1960, 1, 1) + timedelta(days=serial // 1000)
    digits = f"520103{day:%Y%m%d}{serial % 1000:03d}"
    return digits + check_character(digits)


@dataclass(frozen=True)
class Officers:
    """Those who work at one organisation."""

    first: Actor
    #: For what takes two.
    second: Actor
    #: May look, and decide nothing.
    viewer: Actor


@dataclass
class World:
    """Who is where. What they try is in `verbs`."""

    tools: Tools
    #: Organisation → its people.
    staff: dict[UUID, Officers] = field(default_factory=dict)
    kinds: dict[UUID, str] = field(default_factory=dict)
    #: In the order in which they were begun.
    enrolments: list[UUID] = field(default_factory=list)
    applicants: dict[UUID, Actor] = field(default_factory=dict)
    #: Enrolment → identity number of who applies.
    numbers: dict[UUID, str] = field(default_factory=dict)

    async def settle(self) -> None:
        """The trees of Sichuan and of CQC with two laboratories, two sub-centres with a class each, the associations."""
        await trees.sichuan(self.tools)
        await trees.cqc(self.tools)
        async with self.tools.unit_of_work() as work:
            for plaque, name in (("FZX-052", "贵州计量分中心"), ("FZX-054", "黔南计量分中心")):
                made = await sub_centres.authorised(work, name, plaque=plaque)
                await sub_centres.open_class(work, made, code=f"CD4-{plaque}")
            above = await work.session.scalar(
                select(Organisation).where(Organisation.name == trees.SUB_CENTRE)
            )
            assert above is not None
            (await factories.organisation(work, "另一家检测中心", "laboratory")).parent_id = above.id
            for scheme in self.schemes():
                if not scheme.through_kinds and scheme.authorised_for is None:
                    kind = scheme.roles.organiser_kind or scheme.review[0].organisation_kind
                    await organisations.ensure(work, scheme.roles.organiser, kind)
            rows = list(await work.session.scalars(select(Organisation).order_by(Organisation.name)))
        for row in rows:
            self.kinds[row.id] = row.kind
            self.staff[row.id] = Officers(
                factories.staff_actor(row.id, name=f"{row.name}甲"),
                factories.staff_actor(row.id, name=f"{row.name}乙"),
                factories.staff_actor(row.id, StaffRole.VIEWER, name=f"{row.name}丙"),
            )
        for laboratory in self.of_kind("laboratory"):
            async with self.tools.unit_of_work() as work:
                await CoverageService(work).set_business(self.staff[laboratory].first, laboratory, ("CCC",))

    def schemes(self) -> list[Scheme]:
        """The current version of every scheme that somebody here offers."""
        every = {scheme.id for scheme in self.tools.schemes.values()}
        offered = [self.tools.schemes.current(one) for one in sorted(every)]
        return [
            scheme for scheme in offered if scheme.authorised_for is None or scheme.id == sub_centres.SCHEME
        ]

    def of_kind(self, *kinds: str) -> list[UUID]:
        """The organisations of these kinds, by name."""
        return [one for one, kind in self.kinds.items() if kind in kinds]

    def officers(self) -> list[Actor]:
        """Everybody who works somewhere."""
        return [one for here in self.staff.values() for one in (here.first, here.second, here.viewer)]

    async def begin(self, scheme: Scheme, way: int) -> UUID:
        """Somebody new begins; `way` says which of the organisations or classes they choose."""
        homes = self.of_kind(*scheme.through_kinds)
        async with self.tools.unit_of_work() as work:
            follower = await factories.follower(work, account=scheme.accounts[0])
            classes = list(
                await work.session.scalars(
                    select(CourseClass)
                    .where(CourseClass.scheme_id == scheme.id, CourseClass.state == "open")
                    .order_by(CourseClass.code)
                )
            )
            by_class = scheme.authorised_for is not None
            actor = factories.applicant_actor(follower)
            draft = await BeginningService(work).begin(
                follower.id,
                scheme,
                actor=actor,
                class_id=classes[way % len(classes)].id if by_class else None,
                organisation_id=homes[way % len(homes)] if homes else None,
            )
        self.enrolments.append(draft.id)
        self.applicants[draft.id] = actor
        return draft.id

    async def fill(self, enrolment_id: UUID, choice: int, known: str | None = None) -> None:
        """Every question answered, every consent given, every paper handed in; by one whose number is `known`."""
        number = self.numbers[enrolment_id] = known or _identity_number(next(_SERIAL))
        async with self.tools.unit_of_work() as work:
            row = await work.session.get_one(Enrolment, enrolment_id)
            follower = await work.session.get_one(Follower, row.follower_id)
            scheme = work.scheme(row.scheme_ref)
            given = filling.answers(
                scheme,
                today=work.now.date(),
                name="王小明",
                number=number,
                choice=choice,
            )
            home = await work.session.get_one(Organisation, row.organisation_id)
            given |= {one.key: home.name for one in scheme.fields if one.prefill == "organisation.name"}
            row.answers = {key: seal(work, scheme.field(key), row.id, value) for key, value in given.items()}
            asked = [one for one in scheme.materials if one.when is None or one.when.holds(given)]
            work.session.add_all(certificate_rows.document(work, row.id, one.key) for one in asked)
        for consent in scheme.consents:
            async with self.tools.unit_of_work() as work:
                await EnrolmentService(work).agree(
                    enrolment_id, consent.key, follower_id=follower.id, actor=self.applicants[enrolment_id]
                )
