"""Staff accounts, sign-in and lockout."""

import uuid
from datetime import timedelta

import pytest

from services import organisations
from services.errors import ConflictError, ForbiddenError, NotFoundError, ServiceError
from services.models import Actor, StaffRole
from services.staff import StaffService
from services.unit_of_work import Tools
from tests.conftest import FixedClock

PASSWORD = "correct-horse-9"


@pytest.fixture
async def organisation(tools: Tools) -> uuid.UUID:
    async with tools.unit_of_work() as work:
        return await organisations.ensure(work, "贵州省 ISO9000 质量促进会", "association")


@pytest.fixture
async def officer(tools: Tools, organisation: uuid.UUID) -> str:
    async with tools.unit_of_work() as work:
        line = await StaffService(work).add(
            None,
            login="Xie",
            name="谢老师",
            password=PASSWORD,
            role=StaffRole.OFFICER,
            organisation_id=organisation,
        )
    return line.login


async def try_to_sign_in(tools: Tools, login: str, password: str) -> bool:
    async with tools.unit_of_work() as work:
        return await StaffService(work).sign_in(login, password) is not None


async def test_an_organisation_is_made_once(tools: Tools, organisation: uuid.UUID) -> None:
    async with tools.unit_of_work() as work:
        assert await organisations.ensure(work, "贵州省 ISO9000 质量促进会", "association") == organisation
        assert [line.name for line in await organisations.list_(work)] == ["贵州省 ISO9000 质量促进会"]


async def test_the_right_password_signs_in_and_the_cookie_says_who_it_is(
    tools: Tools, officer: str, organisation: uuid.UUID
) -> None:
    async with tools.unit_of_work() as work:
        signed_in = await StaffService(work).sign_in(" XIE ", PASSWORD)
    assert signed_in is not None
    async with tools.unit_of_work() as work:
        found = await StaffService(work).find(signed_in.cookie_token)
    assert found == signed_in
    assert (found.actor.name, found.actor.role, found.actor.organisation_id) == (
        "谢老师",
        StaffRole.OFFICER,
        organisation,
    )


async def test_signing_out_ends_the_cookie(tools: Tools, officer: str) -> None:
    async with tools.unit_of_work() as work:
        signed_in = await StaffService(work).sign_in(officer, PASSWORD)
    assert signed_in is not None
    async with tools.unit_of_work() as work:
        await StaffService(work).sign_out(signed_in.cookie_token)
    async with tools.unit_of_work() as work:
        assert await StaffService(work).find(signed_in.cookie_token) is None


async def test_a_sign_in_lasts_twelve_hours_after_its_last_use(
    tools: Tools, officer: str, clock: FixedClock
) -> None:
    async with tools.unit_of_work() as work:
        signed_in = await StaffService(work).sign_in(officer, PASSWORD)
    assert signed_in is not None
    for hours, still in ((11, True), (11, True), (12, False)):
        clock.move(hours=hours)
        async with tools.unit_of_work() as work:
            assert (await StaffService(work).find(signed_in.cookie_token) is not None) is still


async def test_five_wrong_passwords_lock_the_account_for_fifteen_minutes(
    tools: Tools, officer: str, clock: FixedClock
) -> None:
    for _ in range(5):
        assert not await try_to_sign_in(tools, officer, "wrong-password")
    assert not await try_to_sign_in(tools, officer, PASSWORD)
    clock.move(minutes=14, seconds=59)
    assert not await try_to_sign_in(tools, officer, PASSWORD)
    clock.move(seconds=1)
    assert await try_to_sign_in(tools, officer, PASSWORD)


async def test_four_wrong_passwords_and_a_right_one_start_the_count_again(tools: Tools, officer: str) -> None:
    for _ in range(2):
        for _ in range(4):
            assert not await try_to_sign_in(tools, officer, "wrong-password")
        assert await try_to_sign_in(tools, officer, PASSWORD)


async def test_an_unknown_login_is_refused_like_a_wrong_password(tools: Tools, officer: str) -> None:
    assert not await try_to_sign_in(tools, "nobody", PASSWORD)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short-9", "staff.password_short"),
        ("x" * 201, "staff.password_long"),
        ("1111111111", "staff.password_simple"),
    ],
)
async def test_a_weak_password_is_refused(
    tools: Tools, organisation: uuid.UUID, password: str, code: str
) -> None:
    with pytest.raises(ServiceError) as refused:
        async with tools.unit_of_work() as work:
            await StaffService(work).add(
                None,
                login="new",
                name="新人",
                password=password,
                role=StaffRole.VIEWER,
                organisation_id=organisation,
            )
    assert refused.value.code == code


async def test_a_login_name_is_taken_once(tools: Tools, officer: str, organisation: uuid.UUID) -> None:
    with pytest.raises(ConflictError):
        async with tools.unit_of_work() as work:
            await StaffService(work).add(
                None,
                login="xie",
                name="又一位",
                password=PASSWORD,
                role=StaffRole.VIEWER,
                organisation_id=organisation,
            )


async def test_a_new_password_signs_out_everywhere_and_unlocks(tools: Tools, officer: str) -> None:
    async with tools.unit_of_work() as work:
        signed_in = await StaffService(work).sign_in(officer, PASSWORD)
    assert signed_in is not None
    for _ in range(5):
        await try_to_sign_in(tools, officer, "wrong-password")
    async with tools.unit_of_work() as work:
        await StaffService(work).set_password(None, officer, "another-horse-7")
    async with tools.unit_of_work() as work:
        assert await StaffService(work).find(signed_in.cookie_token) is None
    assert await try_to_sign_in(tools, officer, "another-horse-7")


async def test_only_an_administrator_of_the_same_organisation_adds_staff(
    tools: Tools, officer: str, organisation: uuid.UUID
) -> None:
    """B9."""

    def actor(role: StaffRole, of: uuid.UUID) -> Actor:
        return Actor(kind="staff", id=str(uuid.uuid4()), name="某人", organisation_id=of, role=role)

    for who, error in (
        (actor(StaffRole.OFFICER, organisation), ForbiddenError),
        (actor(StaffRole.ADMIN, uuid.uuid4()), NotFoundError),
    ):
        with pytest.raises(error):
            async with tools.unit_of_work() as work:
                await StaffService(work).add(
                    who,
                    login="new",
                    name="新人",
                    password=PASSWORD,
                    role=StaffRole.VIEWER,
                    organisation_id=organisation,
                )
    async with tools.unit_of_work() as work:
        assert [
            line.login for line in await StaffService(work).list_(actor(StaffRole.VIEWER, organisation))
        ] == ["xie"]
        assert await StaffService(work).list_(actor(StaffRole.VIEWER, uuid.uuid4())) == ()


async def test_an_expired_sign_in_is_cleared_at_the_next_one(
    tools: Tools, officer: str, clock: FixedClock
) -> None:
    async with tools.unit_of_work() as work:
        first = await StaffService(work).sign_in(officer, PASSWORD)
    assert first is not None
    clock.moment += timedelta(hours=13)
    assert await try_to_sign_in(tools, officer, PASSWORD)
    clock.moment -= timedelta(hours=13)
    async with tools.unit_of_work() as work:
        assert await StaffService(work).find(first.cookie_token) is None
