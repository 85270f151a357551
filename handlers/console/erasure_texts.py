"""Chinese words of requests to delete one's own data in the console; `texts` and `refusals` take them in."""

from collections.abc import Mapping
from typing import Final

REFUSALS: Final[Mapping[str, str]] = {
    "erasure.not_found": "没有找到这件删除申请，或者它不属于您所在的机构。",
    "erasure.wrong_state": "这件申请现在的状态不能做这个操作，请刷新页面。",
    "erasure.nothing_to_erase": "这件申请涉及的报名都有必须保存的理由，没有可以删除的，请直接办结。",
    "erasure.to_erase": "有 {count} 份报名没有必须保存的理由，应由两位管理员删除，不能直接办结。",
    "erasure.same_person": "提出删除和确认删除不能是同一个人，请由另一位管理员办理。",
    "erasure.other_count": "照片数对不上：现在是 {files} 张。请重新核对，再填写照片数。",
    "erasure.nothing": "没有可以申请删除的资料。",
    "enrolment.restricted": "报名 {number} 已停止使用：本人要求删除，按规定还要保存。写明理由才能打开，会记入操作日志。",
    "enrolment.not_restricted": "这份报名没有停止使用，可以直接打开。",
}

DONE: Final[Mapping[str, str]] = {
    "erasure_proposed": "已提出删除，请另一位管理员核对后确认。",
    "erasure_confirmed": "已确认，正在删除；本人会收到结果。",
    "erasure_closed": "已办结，本人会收到说明。",
    "erasure_refused": "已决定不同意，资料恢复照常使用，本人会看到理由。",
    "restricted_opened": "已打开，30 分钟内可以查看。",
}

SUBJECTS: Final[Mapping[str, str]] = {"erasure_request": "删除申请"}

LABELS: Final[Mapping[str, Mapping[str, str]]] = {
    "erasure": {
        "waiting": "待办理",
        "proposed": "待确认删除",
        "confirmed": "正在办理",
        "done": "已办结",
        "refused": "不同意",
    },
    "fate": {"erase": "删除", "keep": "停止使用", "running": "正在办理", "draft": "已删除"},
}

ACTIONS: Final[Mapping[str, str]] = {
    "erasure.asked": "本人申请删除数据",
    "erasure.drafts_deleted": "没有提交的报名已删除",
    "erasure.replaced_deleted": "提交前换下的照片已删除",
    "erasure.proposed": "提出删除本人数据",
    "erasure.confirmed": "办理删除申请",
    "erasure.refused": "不同意删除申请",
    "erasure.carried_out": "删除申请已办结",
    "enrolment.erased": "报名内容已删除",
    "follower.forgotten": "取消关注满 7 天，微信账号信息已清除",
    "follower.recalled": "本人找回报名",
    "enrolment.opened": "打开停止使用的报名",
}

TONES: Final[Mapping[str, str]] = {"erase": "bad", "keep": "warn", "done": "good"}
