"""`payments`: what was claimed, and confirming it against the bank account."""

from collections.abc import Callable
from typing import Annotated

import typer

from bot.cli import printing
from bot.cli.environment import desk, run
from bot.cli.options import AsJson, EnrolmentNumber, Login, Page
from bot.cli.problems import CommandError
from bot.cli.words import label
from services.enrolments.review import ReviewService
from services.models import PaymentState
from services.payments.confirming import ConfirmingService
from services.payments.service import PaymentService
from services.payments.views import PaymentLine, PaymentPage
from services.rules import money
from services.rules.money import format_yuan

group = typer.Typer(help="缴费核对。", no_args_is_help=True)


@group.command("list")
def list_(
    state: Annotated[PaymentState | None, typer.Option("--state", help="只列这个状态的。")] = None,
    page: Page = 1,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """列出缴费。"""

    async def read() -> PaymentPage:
        async with desk(login) as at:
            return await PaymentService(at.work).list_lines(at.actor, state=state, page=page)

    found = run(read())
    if as_json:
        printing.document(list(found.items))
        return
    columns: dict[str, str | Callable[[PaymentLine], str]] = {
        "报名号": "enrolment_number",
        "姓名": "name",
        "费用": "fee_label",
        "应缴": lambda line: format_yuan(line.amount_fen),
        "到账": lambda line: format_yuan(line.paid_fen) if line.paid_fen else "",
        "附言": "remark",
        "凭证": "voucher",
        "状态": "state",
    }
    printing.listing(found.items, columns, as_json=False, empty="没有符合条件的缴费。")
    if found.pages > 1:
        printing.say(f"第 {found.page}/{found.pages} 页，共 {found.total} 条。")


@group.command()
def confirm(
    number: EnrolmentNumber,
    fee: Annotated[
        str, typer.Argument(metavar="费用", help="费用的编号、名称或打款事由，例如 verification。")
    ],
    amount: Annotated[
        str | None, typer.Option("--amount", metavar="元", help="到账金额；默认等于还差的金额。")
    ] = None,
    remark: Annotated[
        str | None, typer.Option("--remark", metavar="附言", help="银行流水上的附言；默认与规定的一致。")
    ] = None,
    note: Annotated[
        str, typer.Option("--note", metavar="说明", help="附言或金额不符时，写明为什么认可。")
    ] = "",
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """确认一笔到账；金额不足会记为待补缴并通知考生。"""

    async def decide() -> tuple[str, int, PaymentState]:
        async with desk(login) as at:
            enrolment_id = await ReviewService(at.work).find_by_number(at.actor, number)
            due = await PaymentService(at.work).instructions(enrolment_id)
            meant = next((item for item in due if fee in (item.fee_key, item.label, item.remark)), None)
            if meant is None:
                known = "、".join(f"{item.fee_key}（{item.label}）" for item in due) or "没有"
                raise CommandError(f"报名号 {number} 没有费用“{fee}”，应缴的有：{known}")
            paid_fen = money.parse(amount) if amount is not None else meant.remaining_fen
            state = await ConfirmingService(at.work).confirm(
                at.actor,
                meant.payment_id,
                paid_fen=paid_fen,
                remark=meant.remark if remark is None else remark,
                note=note,
            )
            return meant.label, paid_fen, state

    name, paid_fen, state = run(decide())
    document = {"number": number, "fee": name, "paid_fen": paid_fen, "state": state}
    sentence = f"报名号 {number}：{name} {format_yuan(paid_fen)}，{label(state)}。"
    printing.done(document, sentence, as_json=as_json)
