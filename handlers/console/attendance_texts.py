"""Chinese words of class days, sign-ins and records of practice; `texts` and `refusals` take them in."""

from collections.abc import Mapping
from typing import Final

REFUSALS: Final[Mapping[str, str]] = {
    "day.not_found": "没有找到这个培训日，或者它不属于您所在的机构。",
    "day.cancelled": "这个培训班已取消，不能再安排培训日。",
    "day.too_many": "一个培训班最多安排 {limit} 个培训日。",
    "day.times": "结束时间要晚于开始时间，一次最长 16 小时。",
    "day.outside": "培训日应在开班期间：{starts_on} 至 {ends_on}。",
    "day.hours": "学时请填写大于 0、不超过 {most} 的数字，最多两位小数，例如 8。",
    "day.early": "提前签到的分钟数请填写 0 到 {most}。",
    "sign_in.not_member": "这位考生不在“{class_title}”的在读学员名单里。",
    "sign_in.early": "还没到签到时间，{opens_at}起可以签到。",
    "sign_in.already": "这位考生已于{signed_at}签到。",
    "practice.not_practice": "理论课不登记实操记录，请到实操课的培训日登记。",
    "practice.not_admitted": "这份报名已经有结果或已撤回，不能再登记实操记录。",
    "practice.not_signed": "这位考生当天没有签到。请先签到或代为登记签到，再登记实操记录。",
    "practice.too_many": "一位考生一天最多登记 {limit} 条实操记录。",
    "practice.withdrawn": "这条实操记录已经撤回。",
    "day.withdrawn": "这个培训日已经撤回，不能再登记。",
    "day.code_early": "签到二维码最早在开课前 30 天生成，请届时再打开。",
    "sign_in.none": "这位考生没有有效的签到，不用撤回。",
    "sign_in.has_practice": "这位考生当天还有实操记录。请先撤回实操记录，再撤回签到。",
    "attendance.decided": "报名号 {numbers} 已经公布成绩，学时不能再撤回。确有问题的，请按成绩和证书的撤销办理。",
    "practice.not_found": "没有找到这份答题卷。",
}

DONE: Final[Mapping[str, str]] = {
    "day_added": "培训日已添加。",
    "signed_by_hand": "已代为登记签到。",
    "practice_recorded": "实操记录已登记。",
    "taken_back": "已撤回，学时已重新计算；学时有变化的学员会收到通知。",
    "taken_back_below": "已撤回。有学员的学时因此不够了：已签发的学时证明、已约的考试请逐一核对。",
}

LABELS: Final[Mapping[str, Mapping[str, str]]] = {
    "day_kind": {"theory": "理论", "practice": "实操"},
    "study_part": {"theory": "理论学时", "practice": "实操学时"},
    "sign_in": {"scan": "扫码", "hand": "代登记"},
}

ACTIONS: Final[Mapping[str, str]] = {
    "class.day_added": "安排培训日",
    "class.day_withdrawn": "撤回培训日",
    "attendance.withdrawn": "撤回签到",
    "practice.withdrawn": "撤回实操记录",
    "attendance.signed": "培训签到",
    "practice.recorded": "登记实操记录",
    "practice.sheet_viewed": "查看实操答题卷",
}
