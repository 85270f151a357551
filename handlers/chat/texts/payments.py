"""What is said about fees: amount, account, remark, and what becomes of a transfer (A7)."""

from services.models import PaymentState
from services.payments.views import PAYEE_UNKNOWN, PaymentInstruction
from services.rules.money import format_sign, format_yuan

STATES = {
    PaymentState.DUE: "待缴费",
    PaymentState.CLAIMED: "待核对",
    PaymentState.CONFIRMED: "已到账",
    PaymentState.SHORT: "待补缴",
    PaymentState.REFUNDED: "已退款",
}


def nothing_due() -> str:
    """No fee is open."""
    return "您没有待缴的费用。\n回复 进度 查看下一步。"


def not_admitted() -> str:
    """Before the review is through."""
    return "审核通过后才需要缴费，请勿提前转账。\n回复 进度 查看审核情况。"


def overview(instructions: tuple[PaymentInstruction, ...], unpaid: tuple[PaymentInstruction, ...]) -> str:
    """Every fee with its account; the unpaid ones numbered."""
    if not instructions:
        return nothing_due()
    blocks = [_block(item, unpaid.index(item) + 1 if item in unpaid else None) for item in instructions]
    if not unpaid:
        return "\n\n".join(blocks) + "\n\n费用都已缴清或正在核对。"
    ask = "转账后请回复数字，告诉我们缴的是哪一笔。" if len(unpaid) > 1 else "转账后请回复 1。"
    return "\n\n".join(blocks) + f"\n\n{ask}"


def _block(item: PaymentInstruction, number: int | None) -> str:
    head = f"{number} " if number is not None else ""
    lines = [f"{head}【{item.label}】{format_sign(item.amount_fen)}（{STATES[item.state]}）"]
    if item.state in (PaymentState.CONFIRMED, PaymentState.REFUNDED):
        return lines[0]
    if item.remaining_fen not in (0, item.amount_fen):
        lines.append(f"还需补缴：{format_yuan(item.remaining_fen)}")
    if item.payee is None and item.in_class:
        asked = f"，电话：{item.hotline}" if item.hotline else ""
        lines.append(f"开班通知没有公布收款账号，缴费方式请向办班机构咨询{asked}。")
    elif item.payee is None:
        lines.append(f"{PAYEE_UNKNOWN}：请先回复 学时 选择培训班，再来这里查看账号。")
    else:
        lines += [
            f"户名：{item.payee.name}",
            f"开户行：{item.payee.bank}",
            f"账号：{item.payee.account_number}",
        ]
    lines.append(f"打款事由必须写：{item.remark}")
    if item.collected_for:
        lines.append(f"代收：{item.collected_for}")
    if item.basis:
        lines += [f"收费依据：{item.basis}", f"收费范围：{item.scope}", f"监督电话：{item.hotline}"]
    return "\n".join(lines)


def send_proof(item: PaymentInstruction) -> str:
    """One fee was chosen."""
    return (
        f"请发送【{item.label}】的转账凭证截图；\n没有截图的，请回复转账时写的打款事由，例如：{item.remark}"
    )


def claimed(item: PaymentInstruction, remark: str) -> str:
    """A remark was told."""
    wrong = (
        f"\n注意：打款事由应为“{item.remark}”，您写的是“{remark}”，核对可能会慢一些。"
        if remark != item.remark
        else ""
    )
    return f"✓ 已登记【{item.label}】，工作人员核对到账后通知您。{wrong}\n补发凭证截图可直接在这里发送。"


def waiting(item: PaymentInstruction) -> str:
    """It was told already, and nothing new came."""
    return (
        f"【{item.label}】已登记，工作人员核对到账后会在这里通知您。\n"
        "补发凭证截图可直接在这里发送；缴另一笔请回复 缴费。"
    )


def voucher_taken(item: PaymentInstruction) -> str:
    """A voucher's picture came."""
    return f"收到，这张当作【{item.label}】的转账凭证。工作人员核对到账后通知您。"


def choose_first(unpaid: tuple[PaymentInstruction, ...]) -> str:
    """A picture or text came before a fee was chosen."""
    lines = [f"{number} {item.label}" for number, item in enumerate(unpaid, start=1)]
    return "请先回复数字，是哪一笔费用：\n" + "\n".join(lines)
