"""The installation itself: settings, keys, schemes, database, files, fonts, and whether anything runs."""

import asyncio
import ipaddress
import secrets
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

import asyncpg
from sqlalchemy.exc import SQLAlchemyError

from bot.doctor.findings import Finding, fault, ok, skipped, warning
from bot.settings import Settings
from services.operations import LEADER_KEY
from services.ports import Clock
from services.schemes.loader import SchemeFileError, load_catalogue
from services.typesetting import readiness
from storage import migrations
from storage.crypto import DecryptionError, Keyring, WeakSecretKeysError
from storage.database import Database
from storage.files import FileMissingError, FileStoreError, open_files
from storage.repositories.operations import OperationsRepository

PATIENCE_SECONDS: Final = 5.0
#: A process uses up to 25; two of them, staff's commands and a backup want room.
LEAST_CONNECTIONS: Final = 80
OLDEST_SERVER: Final = 140000
SKEW_WARNING_SECONDS: Final = 5.0
SKEW_FAULT_SECONDS: Final = 60.0
_GIB: Final = 1024**3
#: Messages that have been due for longer are not being sent.
STUCK_SECONDS: Final = 600.0
_AWAY = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, SQLAlchemyError, ValueError)


async def examine(
    settings: Settings, database_url: str, *, production: bool, clock: Clock
) -> AsyncIterator[Finding]:
    """One finding a step, some steps several."""
    for finding in _settings(settings, production=production):
        yield finding
    keyring, found = _keys(settings)
    yield found
    yield _schemes(settings)
    async for finding in _database(settings, database_url, clock):
        yield finding
    yield await _files(settings, keyring)
    yield await _fonts()


def _settings(settings: Settings, *, production: bool) -> list[Finding]:
    bad = fault if production else warning
    found = [
        bad("settings", f"还没有设置 {missing}", "补上后重新启动各进程。")
        for missing in settings.missing_for_production()
    ]
    parts = urlsplit(settings.public_url)
    try:
        private = not ipaddress.ip_address(parts.hostname or "").is_global
    except ValueError:
        private = (parts.hostname or "") == "localhost"
    if parts.scheme == "https" and (private or parts.port not in (None, 443)):
        found.append(
            bad(
                "settings",
                f"ZHENGTU_PUBLIC_URL 是 {settings.public_url}，微信只访问公网上的 443（https）和 80 端口",
                "改为有域名、有证书、不写端口的 https 地址。",
            )
        )
    return found or [ok("settings", f"必需的设置都有，对外地址 {settings.public_url}")]


def _keys(settings: Settings) -> tuple[Keyring | None, Finding]:
    try:
        keyring = Keyring(settings.secret_keys)
    except WeakSecretKeysError as error:
        return None, fault(
            "keys",
            f"密钥不能用：{'；'.join(error.problems)}" if settings.secret_keys else "没有设置密钥",
            "用 openssl rand -base64 48 生成一个，写入 ZHENGTU_SECRET_KEYS，并另行妥善保存：丢失后数据不能恢复。",
        )
    return keyring, ok("keys", f"{len(settings.secret_keys)} 个密钥，第一个用来加密")


def _schemes(settings: Settings) -> Finding:
    try:
        catalogue = load_catalogue(*((settings.schemes_dir,) if settings.schemes_dir else ()))
    except SchemeFileError as error:
        return fault(
            "schemes",
            f"方案文件 {error.path} 有误：{'；'.join(f'{place} {what}' for place, what in error.faults)[:300]}",
            "改好后用 zhengtu schemes check 再检查。",
        )
    except OSError as error:
        return fault("schemes", f"读不到方案文件：{error.strerror}", "检查 ZHENGTU_SCHEMES_DIR 和它的权限。")
    unserved = sorted(
        {name for scheme in catalogue.values() for name in scheme.accounts} - set(settings.wechat)
    )
    offered = sum(bool(set(scheme.accounts) & set(settings.wechat)) for scheme in catalogue.values())
    if not offered:
        return warning(
            "schemes",
            f"{len(catalogue)} 个方案版本，没有一个由已设置的公众号办理（方案写的是 {'、'.join(unserved)}）",
            "公众号的名字要和方案文件里 accounts 写的一致。",
        )
    return ok("schemes", f"{len(catalogue)} 个方案版本，{offered} 个由已设置的公众号办理")


async def _database(settings: Settings, url: str, clock: Clock) -> AsyncIterator[Finding]:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            connection = await asyncpg.connect(url)
            before = clock.now()
            version, encoding, connections, moment = await connection.fetchrow(
                "SELECT current_setting('server_version_num')::int, current_setting('server_encoding'),"
                " current_setting('max_connections')::int, clock_timestamp()"
            )
            after = clock.now()
            await connection.close()
    except _AWAY as error:
        yield fault(
            "database",
            f"连不上数据库：{_reason(error)}",
            "检查数据库是否在运行、ZHENGTU_DATABASE_URL 的地址和密码、防火墙和 pg_hba.conf。",
        )
        yield skipped("migrations", "数据库连不上，没有检查")
        yield skipped("running", "数据库连不上，没有检查")
        return
    yield _server(settings, version, encoding, connections)
    yield skew_finding("database_clock", "数据库", (moment - (before + (after - before) / 2)).total_seconds())
    at_head = await _migrations(url)
    yield at_head
    if at_head.advice:
        yield skipped("running", "数据库结构不对，没有检查")
    else:
        yield await _running(url, clock.now())


def _server(settings: Settings, version: int, encoding: str, connections: int) -> Finding:
    shown = f"PostgreSQL {version // 10000}.{version % 10000}"
    if version < OLDEST_SERVER:
        return fault("database", f"{shown} 太旧", "升级到 PostgreSQL 14 或更新的版本。")
    if encoding != "UTF8":
        return fault(
            "database",
            f"数据库的编码是 {encoding}，不能保存全部汉字",
            "新建一个 ENCODING 'UTF8' 的数据库，再把数据导入。",
        )
    if settings.database_url is None:
        return warning(
            "database",
            f"{shown}，是程序自带的，放在 {settings.data_dir}",
            "只在一台机器上用也可以，但要自己备份；正式使用建议设置 ZHENGTU_DATABASE_URL。",
        )
    if connections < LEAST_CONNECTIONS:
        return warning(
            "database",
            f"{shown}，最多 {connections} 个连接，偏少",
            f"每个进程最多用 25 个；把 postgresql.conf 的 max_connections 设为 {LEAST_CONNECTIONS} 以上。",
        )
    return ok("database", f"{shown}，编码 {encoding}，最多 {connections} 个连接")


async def _migrations(url: str) -> Finding:
    here, wanted = await migrations.current(url), migrations.head()
    if here == wanted:
        return ok("migrations", f"数据库结构是最新的（{here}）")
    if here is None:
        return fault("migrations", "数据库还是空的", "运行 zhengtu migrate。")
    if here > wanted:
        return fault(
            "migrations",
            f"数据库结构（{here}）比这个程序（{wanted}）新",
            "这台机器上的程序是旧版本，请升级程序；数据库不能退回。",
        )
    return fault("migrations", f"数据库结构是 {here}，程序需要 {wanted}", "先备份，再运行 zhengtu migrate。")


async def _running(url: str, now: datetime) -> Finding:
    database = Database(url, pool_size=1, max_overflow=0)
    try:
        async with database.transaction() as session:
            operations = OperationsRepository(session)
            leader = await operations.leader(LEADER_KEY)
            jobs = await operations.jobs()
            due = [count.oldest for count in await operations.outbox(now) if count.state == "due"]
    finally:
        await database.close()
    waits = max(((now - oldest).total_seconds() for oldest in due if oldest), default=0.0)
    if leader is None or not jobs.workers:
        return warning(
            "running",
            "后台没有在运行：通知不会发出，照片不会检查，定时提醒不会执行",
            "启动 zhengtu worker（可以多开），或用 zhengtu serve --all；刚启动的请过几秒再查。",
        )
    if waits > STUCK_SECONDS:
        return warning(
            "running",
            f"有消息等了 {int(waits // 60)} 分钟还没有发出",
            "在后台“运行状况”页和 worker 的日志里查看原因，多为公众号设置有误或微信限流。",
        )
    return ok("running", f"{jobs.workers} 个后台进程在运行，定时任务由 {leader[0].split()[-1]} 执行")


async def _files(settings: Settings, keyring: Keyring | None) -> Finding:
    if keyring is None:
        return skipped("files", "密钥不能用，没有检查")
    where = settings.files_location
    key, content = f"doctor/{secrets.token_hex(8)}.bin", secrets.token_bytes(1000)
    try:
        files = open_files(where, keyring)
        await files.put(key, content)
        same = await files.get(key) == content
        await files.delete(key)
        room = await files.room()
    except (FileStoreError, FileMissingError, DecryptionError) as error:
        return fault(
            "files",
            f"文件不能保存：{error}",
            "检查磁盘空间和文件夹权限；用 S3 的，检查地址、密钥和存储桶。",
        )
    if not same:
        return fault("files", "写入的文件读出来不一样", "磁盘或存储可能有故障，请尽快检查。")
    if room is None:
        return ok("files", "文件可以写入、读出、删除（S3）")
    free = f"剩余 {room.free / _GIB:.1f} GiB"
    if room.free < _GIB or room.free < room.total // 20:
        return warning("files", f"文件可以写入，但磁盘快满了，{free}", "清理或扩大磁盘；满了以后照片收不下。")
    return ok("files", f"文件可以写入、读出、删除，{free}")


async def _fonts() -> Finding:
    if problems := await asyncio.to_thread(readiness.problems):
        return fault(
            "fonts",
            f"证书不能排印：{'、'.join(problems)}",
            "安装不完整，请重新安装程序（字体在 services/typesetting/fonts）。",
        )
    return ok("fonts", "中文字体和排版可用")


def skew_finding(step: str, whose: str, seconds: float, *, account: str | None = None) -> Finding:
    """What to say of a clock that is so many seconds ahead of this machine's."""
    off = f"{whose}的时间比本机{'快' if seconds > 0 else '慢'} {abs(seconds):.0f} 秒"
    if abs(seconds) > SKEW_FAULT_SECONDS:
        return fault(
            step, off, "用 chrony 或 systemd-timesyncd 对时：timedatectl set-ntp true", account=account
        )
    if abs(seconds) > SKEW_WARNING_SECONDS:
        return warning(step, off, "用 chrony 或 systemd-timesyncd 对时。", account=account)
    return ok(step, f"{whose}和本机的时间一致", account=account)


def _reason(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return f"{PATIENCE_SECONDS:.0f} 秒内没有回应"
    return str(error).partition("\n")[0][:200] or type(error).__name__
