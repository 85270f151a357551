"""One access token for all processes: each TokenStore here stands for a process, over one real PostgreSQL."""

import asyncio
import json

import pytest
from sqlalchemy import event, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.wechat.account import WeChatAccount
from bot.wechat.errcodes import classify
from bot.wechat.tokens import TokenRefusedError, TokenStore
from bot.wechat.transport import GarbageAnswerError, HttpStatusError, Transport
from services.ports import Reaction
from storage.crypto import Keyring
from storage.database import Database
from storage.tables.tokens import AccessTokenRow
from tests.bot.wechat.conftest import Platform, make_account
from tests.conftest import SECRET, FixedClock

STABLE = "/cgi-bin/stable_token"
Sessions = async_sessionmaker[AsyncSession]


@pytest.fixture
def other(
    account: WeChatAccount, token_sessions: Sessions, transport: Transport, clock: FixedClock
) -> TokenStore:
    """The same account in another process."""
    return TokenStore({"main": account}, token_sessions, Keyring([SECRET]), transport, clock)


async def test_twenty_callers_in_two_processes_make_one_request(
    platform: Platform, tokens: TokenStore, other: TokenStore
) -> None:
    platform.gate = asyncio.Event()
    callers = [asyncio.create_task((tokens, other)[n % 2].current("main")) for n in range(20)]
    await platform.reached(STABLE, times=1)
    await asyncio.sleep(0.05)
    platform.gate.set()
    assert set(await asyncio.gather(*callers)) == {"token-1"}
    (request,) = platform.to(STABLE)
    assert json.loads(request.body) == {
        "grant_type": "client_credential",
        "appid": "wx0123456789abcdef",
        "secret": "secret",
        "force_refresh": False,
    }


async def test_twenty_callers_whose_token_failed_replace_it_once(
    platform: Platform, tokens: TokenStore, other: TokenStore
) -> None:
    failed = await tokens.current("main")
    fresh = await asyncio.gather(*((tokens, other)[n % 2].invalidate("main", failed) for n in range(20)))
    assert set(fresh) == {"token-2"}
    assert len(platform.to(STABLE)) == 2
    assert await tokens.current("main") == await other.current("main") == "token-2"


async def test_a_token_that_another_process_replaced_already_is_taken_over_without_a_request(
    platform: Platform, tokens: TokenStore, other: TokenStore
) -> None:
    failed = await tokens.current("main")
    assert await other.current("main") == failed
    await tokens.invalidate("main", failed)
    assert await other.invalidate("main", failed) == "token-2"
    assert len(platform.to(STABLE)) == 2


async def test_the_hot_path_costs_no_sql(
    tokens_database: Database, tokens: TokenStore, clock: FixedClock
) -> None:
    await tokens.current("main")
    statements: list[str] = []
    event.listen(
        tokens_database.engine.sync_engine, "before_cursor_execute", lambda *args: statements.append(args[2])
    )
    for _ in range(100):
        await tokens.current("main")
    assert statements == []
    clock.move(seconds=21)
    await tokens.current("main")
    assert len(statements) == 1


async def test_the_token_is_kept_encrypted(tokens: TokenStore, token_sessions: Sessions) -> None:
    token = await tokens.current("main")
    async with token_sessions() as session:
        row = (await session.scalars(select(AccessTokenRow))).one()
    assert row.token is not None
    assert token.encode() not in row.token


async def test_in_the_last_five_minutes_the_token_is_renewed_and_the_old_one_serves_meanwhile(
    platform: Platform, tokens: TokenStore, other: TokenStore, clock: FixedClock
) -> None:
    assert await tokens.current("main") == await other.current("main") == "token-1"
    clock.move(seconds=7200 - 301)
    assert await tokens.current("main") == "token-1"
    clock.move(seconds=21)
    platform.gate = asyncio.Event()
    renewing = asyncio.create_task(tokens.current("main"))
    await platform.reached(STABLE, times=2)
    assert await other.current("main") == "token-1"
    platform.gate.set()
    assert await renewing == "token-2"
    assert len(platform.to(STABLE)) == 2


async def test_a_renewal_that_fails_costs_nothing_while_the_old_token_serves(
    platform: Platform, tokens: TokenStore, clock: FixedClock
) -> None:
    await tokens.current("main")
    clock.move(seconds=7000)
    platform.answer(STABLE, {"errcode": -1, "errmsg": "system busy"})
    assert [await tokens.current("main") for _ in range(5)] == ["token-1"] * 5
    assert len(platform.to(STABLE)) == 2
    clock.move(seconds=21)
    assert await tokens.current("main") == "token-2"


async def test_an_expired_token_is_never_given(
    platform: Platform, tokens: TokenStore, clock: FixedClock
) -> None:
    await tokens.current("main")
    clock.move(seconds=7200)
    platform.answer(STABLE, {"errcode": -1, "errmsg": "system busy"})
    with pytest.raises(TokenRefusedError) as refused:
        await tokens.current("main")
    assert refused.value.errcode == -1
    assert await tokens.current("main") == "token-2"


async def test_a_token_that_wechat_gives_again_though_it_failed_is_forced_away_within_the_limits(
    platform: Platform, tokens: TokenStore, clock: FixedClock
) -> None:
    same = {"access_token": "stuck", "expires_in": 7200}
    platform.answer(STABLE, same, same, {"access_token": "forced", "expires_in": 7200})
    assert await tokens.current("main") == "stuck"
    assert await tokens.invalidate("main", "stuck") == "forced"
    assert [json.loads(request.body)["force_refresh"] for request in platform.to(STABLE)] == [
        False,
        False,
        True,
    ]

    platform.answer(STABLE, {"access_token": "forced", "expires_in": 7200})
    with pytest.raises(TokenRefusedError) as refused:
        await tokens.invalidate("main", "forced")
    # For a moment only: the sender rests a minute, not until tomorrow.
    assert refused.value.errcode == 45011
    assert classify(refused.value.errcode) is Reaction.PAUSE_MINUTE
    assert len(platform.to(STABLE)) == 4

    clock.move(seconds=31)
    platform.answer(STABLE, {"access_token": "forced", "expires_in": 7200})
    assert await tokens.invalidate("main", "forced") == "token-1"


async def test_twenty_forced_refreshes_are_all_a_day_allows(
    platform: Platform, tokens: TokenStore, clock: FixedClock
) -> None:
    async def force(n: int) -> None:
        failed = await tokens.current("main")
        platform.answer(
            STABLE,
            {"access_token": failed, "expires_in": 7200},
            {"access_token": f"t{n}", "expires_in": 7200},
        )
        await tokens.invalidate("main", failed)

    for n in range(20):
        await force(n)
        clock.move(seconds=31)
    with pytest.raises(TokenRefusedError) as refused:
        await force(20)
    assert refused.value.errcode == 45009
    platform.queued.clear()
    clock.move(hours=24)
    await force(21)


async def test_another_app_id_or_other_secret_keys_mean_another_token(
    platform: Platform, tokens: TokenStore, token_sessions: Sessions, transport: Transport, clock: FixedClock
) -> None:
    assert await tokens.current("main") == "token-1"
    moved = make_account(api_url=platform.url, app_id="wxffffffffffffffff")
    assert (
        await TokenStore({"main": moved}, token_sessions, Keyring([SECRET]), transport, clock).current("main")
        == "token-2"
    )
    keys = Keyring(["another-secret-for-tests-9876543210-zyxwvuts"])
    assert (
        await TokenStore({"main": moved}, token_sessions, keys, transport, clock).current("main") == "token-3"
    )


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"access_token": "", "expires_in": 7200},
        {"access_token": "a" * 513, "expires_in": 7200},
        {"access_token": "a", "expires_in": "soon"},
        {"access_token": "a", "expires_in": 0},
        {"errcode": "?"},
    ],
)
async def test_an_answer_that_is_no_token_is_garbage(
    platform: Platform, tokens: TokenStore, answer: dict[str, object]
) -> None:
    platform.answer(STABLE, answer)
    with pytest.raises(GarbageAnswerError):
        await tokens.current("main")


async def test_a_token_of_512_characters_is_kept(
    platform: Platform, tokens: TokenStore, other: TokenStore
) -> None:
    platform.answer(STABLE, {"access_token": "a" * 512, "expires_in": 7200})
    assert await tokens.current("main") == await other.current("main") == "a" * 512


async def test_a_wrong_address_says_so(
    account: WeChatAccount, token_sessions: Sessions, transport: Transport
) -> None:
    wrong = make_account(api_url=account.api_url + "/nowhere")
    tokens = TokenStore({"main": wrong}, token_sessions, Keyring([SECRET]), transport, FixedClock())
    with pytest.raises((GarbageAnswerError, HttpStatusError)):
        await tokens.current("main")
