"""Telling the person what came of their request: what is gone, what remains, why, and until when."""

from collections.abc import Sequence

from services.erasure.holdings import of_enrolments
from services.erasure.models import Holding
from services.notices import NoticeService
from services.notices.erasure_texts import duties, until
from services.rules.erasure import Fate
from services.rules.localtime import local_datetime
from services.unit_of_work import Work
from storage.repositories.erasures import ErasureRepository
from storage.tables import Enrolment, ErasureItem, ErasureRequest

#: So many lines of what is kept, and fewer where that does not fit into a message.
_MOST = 5
_MOST_BYTES = 1800


async def tell_done(work: Work, request: ErasureRequest) -> None:
    """It is carried out."""
    rows = await ErasureRepository(work.session).items(request.id)
    holdings = await of_enrolments(work, [enrolment.id for _, enrolment, _ in rows])
    gone = [item for item, _, _ in rows if item.erased_at is not None]
    kept = [holdings[item.enrolment_id] for item, _, _ in rows if item.erased_at is None]
    await NoticeService(work).send(
        request.follower_id,
        "erasure_done",
        cause=str(request.id),
        # Under an enrolment, so that staff see it when it cannot be delivered.
        enrolment_id=rows[0][1].id if rows else None,
        facts={
            "scheme": "删除我的数据",
            "number": request.number,
            "gone": _gone(gone),
            "kept": kept_words(kept),
            "hint": "回复 删除我的数据 查看",
            "time": local_datetime(work.now),
        },
    )


async def tell_refused(work: Work, request: ErasureRequest) -> None:
    """It is refused, with the reason."""
    rows = await ErasureRepository(work.session).items(request.id)
    await NoticeService(work).send(
        request.follower_id,
        "erasure_refused",
        cause=str(request.id),
        enrolment_id=rows[0][1].id if rows else None,
        facts={
            "scheme": "删除我的数据",
            "number": request.number,
            "reason": request.reason,
            "hint": "有异议请回复 人工",
            "time": local_datetime(work.now),
        },
    )


async def tell_forgotten(work: Work, enrolment: Enrolment) -> None:
    """The time for which it had to be kept is over, and it is gone."""
    await NoticeService(work).send(
        enrolment.follower_id,
        "erasure_completed",
        cause=str(enrolment.id),
        enrolment_id=enrolment.id,
        facts={
            "scheme": "删除我的数据",
            "number": enrolment.number,
            "hint": "保存期限已满，资料已删除",
            "time": local_datetime(work.now),
        },
    )


def kept_line(one: Holding) -> str:
    """One enrolment that is kept, why and until when."""
    why = duties(one.ruling.duties, years=one.years, basis=one.basis)
    return (
        f"· {one.scheme}（报名号 {one.number}）：{why}。{until(one.ruling.kept_until, overdue=one.overdue)}。"
    )


def _gone(items: list[ErasureItem]) -> str:
    if not items:
        return ""
    files = sum(item.erased_files for item in items)
    return f"已删除：{len(items)} 份报名的填写内容和{files} 张照片。\n"


def kept_words(kept: Sequence[Holding]) -> str:
    """What of these is kept, as a part of a message."""
    known = [one for one in kept if one.ruling.fate is Fate.KEEP]
    if not known:
        return "没有其他需要保存的资料。"
    for most in range(_MOST, 0, -1):
        text = _told(known, most)
        if len(text.encode()) <= _MOST_BYTES:
            break
    return text


def _told(known: list[Holding], most: int) -> str:
    lines = [kept_line(one) for one in known[:most]]
    if len(known) > most:
        lines.append(f"· 另有 {len(known) - most} 份，回复 删除我的数据 查看")
    return (
        "按规定仍要保存、已停止使用的：\n"
        + "\n".join(lines)
        + "\n停止使用的资料不出现在名单和导出里，工作人员写明理由才能打开，每次都有记录。期满后由两位管理员删除。"
        "已发的证书不受影响，仍可以查验。"
    )
