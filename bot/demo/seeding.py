"""What a demo begins with: an organisation, a staff account, something to enrol in, a menu, codes to scan.

Each part is added only where it is missing, so that a later start keeps what is there, and opens a new class and a new
sitting when the old ones are over.
"""

from datetime import timedelta

from bot.app import Program
from bot.cli.accounts import menu_document
from bot.cli.environment import actor_called
from bot.demo.office import Office
from bot.demo.secrets import ACCOUNT
from bot.demo.transcript import Transcript
from handlers.chat.entry import ENROL_SCENE
from services import organisations
from services.certificates import CertificateService
from services.exams.sittings import SittingService
from services.models import Actor, CertificateState, StaffRole
from services.rules.localtime import local_day
from services.schemes.models import Scheme
from services.staff import StaffService
from services.study.classes import ClassService
from services.unit_of_work import Tools

LOGIN = "demo"
_STAFF_NAME = "演示管理员"
_CLASS_DAYS = (timedelta(days=3), timedelta(days=45))


async def staff_member(tools: Tools, password: str) -> Actor:
    """The staff account `demo`, of the organisation that the schemes name; added when it is not there."""
    async with tools.unit_of_work() as work:
        known = [line.login for line in await StaffService(work).list_()]
        if LOGIN not in known:
            scheme = next(iter(tools.schemes.values()))
            owner = await organisations.ensure(
                work, scheme.roles.organiser, scheme.review[0].organisation_kind
            )
            await StaffService(work).add(
                None,
                login=LOGIN,
                name=_STAFF_NAME,
                password=password,
                role=StaffRole.ADMIN,
                organisation_id=owner,
            )
    async with tools.unit_of_work() as work:
        return await actor_called(work, LOGIN)


async def open_season(running: Program, actor: Actor) -> None:
    """For every scheme a class that can be joined and a sitting that can be booked."""
    office = Office(running.tools, actor, Transcript())
    for scheme in running.tools.schemes.offered_by(ACCOUNT):
        await _open_class(running.tools, office, scheme)
        await _open_sitting(running.tools, office, scheme)


async def tell_platform(running: Program) -> None:
    """The menu, and a permanent code for every scheme. The same ones again change nothing."""
    client = running.clients[ACCOUNT]
    await client.menu.create(
        menu_document(running.settings.public_url, running.tools.schemes.offered_by(ACCOUNT))
    )
    for scheme in running.tools.schemes.offered_by(ACCOUNT):
        await client.qrcode.create_permanent(f"{ENROL_SCENE}{scheme.id}")


async def sample_address(tools: Tools, actor: Actor) -> str | None:
    """The verification address of a valid certificate, or None when there is none yet."""
    async with tools.unit_of_work() as work:
        service = CertificateService(work)
        page = await service.list_lines(actor, state=CertificateState.VALID)
        graded = [view for view in page.items if view.grade]
        return await service.link(graded[-1].id) if graded else None


async def _open_class(tools: Tools, office: Office, scheme: Scheme) -> None:
    async with tools.unit_of_work() as work:
        if await ClassService(work).list_classes(scheme_id=scheme.id):
            return
        today = local_day(work.now)
        known = {view.code for view in await ClassService(work).list_classes(office.actor)}
    prefix = f"{today:%Y%m}-{scheme.position:02d}"
    code = next(code for serial in range(1, 1000) if (code := f"{prefix}-{serial}") not in known)
    first, last = (today + days for days in _CLASS_DAYS)
    await office.announce_class(scheme, code, f"{scheme.short_title}培训班（{today:%Y年%m月}）", first, last)


async def _open_sitting(tools: Tools, office: Office, scheme: Scheme) -> None:
    async with tools.unit_of_work() as work:
        if await SittingService(work).list_open(scheme.id):
            return
        saturday, _ = SittingService(work).suggest(scheme.id, local_day(work.now))
    await office.announce_sitting(scheme, saturday)
