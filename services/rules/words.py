"""The words that always work in the chat, whatever was asked."""

import re
from dataclasses import dataclass
from enum import StrEnum

from services.rules.text import normalise


class Word(StrEnum):
    """A command; its value is the word as it is shown."""

    MENU = "菜单"
    ENROL = "报名"
    PROGRESS = "进度"
    HOURS = "学时"
    EXAM = "考试"
    RESULT = "成绩"
    CERTIFICATE = "证书"
    APPEAL = "申诉"
    PAY = "缴费"
    MODIFY = "修改"
    BACK = "返回"
    QUIT = "退出"
    HELP = "帮助"
    HUMAN = "人工"
    CONTINUE = "继续"
    SUBMIT = "提交"
    AGREE = "同意"
    SKIP = "跳过"
    DONE = "完成"
    DIAGNOSIS = "诊断"
    WITHDRAW_APPEAL = "撤回申诉"
    STATE = "陈述"
    ASSIGNMENT = "派遣"
    CHANGE = "资料变更"
    TAKE_BACK = "撤回变更"
    REPLACE = "换证"
    DATA = "我的数据"
    ERASE = "删除我的数据"
    RECALL = "找回"
    NEW_COPY = "补办"
    CROP = "裁剪"


@dataclass(frozen=True)
class Command:
    """A recognised word; `argument` is what follows 修改 (`手机号`), as typed, else None."""

    word: Word
    argument: str | None = None


#: Single digits are left out on purpose: they answer numbered lists, and 0 may be an answer too.
_SYNONYMS: dict[Word, tuple[str, ...]] = {
    Word.MENU: ("菜单", "目录", "主菜单", "首页", "主页", "功能", "menu"),
    Word.ENROL: ("报名", "我报名", "报考", "申请报名", "开始报名"),
    Word.PROGRESS: ("进度", "报名进度", "我的报名", "审核进度", "状态", "到哪了", "到哪一步了"),
    Word.HOURS: ("学时", "我的学时", "课时", "学习进度", "学时证明"),
    Word.EXAM: ("考试", "我的考试", "考试安排", "考试时间", "准考证", "考场"),
    Word.RESULT: ("成绩", "我的成绩", "分数", "考试成绩", "成绩单"),
    Word.CERTIFICATE: (
        "证书", "我的证书", "证件", "电子证书", "证书下载", "下载证书", "证卡", "我的证卡", "聘用", "聘用号", "我的聘用",
    ),
    Word.APPEAL: ("申诉", "我要申诉", "我的申诉", "成绩申诉", "复核", "成绩复核"),
    Word.DIAGNOSIS: ("诊断", "能力诊断", "我的诊断", "成绩分析", "薄弱环节", "培训建议", "学习建议"),
    Word.WITHDRAW_APPEAL: ("撤回申诉", "撤销申诉", "取消申诉", "不申诉了"),
    Word.PAY: ("缴费", "付款", "交费", "缴款", "我要缴费", "费用缴纳", "已缴费", "已转账", "转账"),
    Word.MODIFY: ("修改", "更改", "改", "更正", "修改资料", "修改信息"),
    Word.BACK: ("返回", "上一步", "后退", "返回上一步", "back"),
    Word.QUIT: ("退出", "取消", "结束", "不报了", "quit", "exit"),
    Word.HELP: ("帮助", "?", "怎么用", "使用说明", "help"),
    Word.HUMAN: ("人工", "客服", "人工客服", "人工服务", "转人工", "联系客服", "找客服", "找人工"),
    Word.CONTINUE: ("继续", "接着", "继续报名", "continue"),
    Word.SUBMIT: ("提交", "确认提交", "提交报名", "submit"),
    Word.AGREE: ("同意", "我同意", "已阅读并同意", "我已阅读并同意"),
    Word.SKIP: ("跳过", "略过", "不填", "skip"),
    Word.ASSIGNMENT: ("派遣", "我的派遣", "抽派", "派遣通知", "考评任务", "不能参加"),
    Word.DATA: ("我的数据", "导出数据", "导出我的数据", "我的个人信息", "下载我的数据"),
    Word.ERASE: (
        "删除我的数据", "删除数据", "删除我的信息", "删除个人信息", "删除我的资料", "删除资料", "清除我的数据", "注销",
    ),
    Word.NEW_COPY: (
        "补办", "补办证卡", "证卡补办", "补卡", "换卡", "挂失", "证卡挂失", "证卡遗失", "证卡丢了", "卡丢了", "证卡复核",
    ),
    Word.RECALL: ("找回", "找回报名", "找回我的报名", "恢复报名", "找回资料"),
    Word.DONE: ("完成", "发完了", "发完", "都发了", "没有了", "done"),
    Word.CHANGE: ("资料变更", "变更资料", "变更", "信息变更", "变更信息", "变更申请", "申请变更"),
    Word.TAKE_BACK: ("撤回变更", "撤回变更申请", "撤销变更", "取消变更"),
    Word.REPLACE: ("换证", "换发", "换发证书", "更换证书", "我要换证"),
    Word.STATE: ("陈述", "申辩", "陈述申辩", "我要陈述", "我要申辩"),
    Word.CROP: ("裁剪", "剪裁", "裁切", "裁剪照片", "用裁剪的", "用裁好的"),
}  # fmt: skip
_BY_TEXT = {text: word for word, texts in _SYNONYMS.items() for text in texts}

_POLITE = re.compile(r"^(?:请问|请|我要|我想要|我想|帮我|麻烦|查询|查看|查一下|查|看一下|看看|看|去)+")
_EDGES = " .。!,、~;:…“”\"'‘’()【】[]「」<>《》"
_MODIFY = re.compile(r"^(?:修改|更改|更正|改)(?:一下|下)?[\s:,、]*(?P<field>[^\s。!?;,]{1,12})$")
#: A beginning 改… is an ordinary word unless the rest is a field's name; the two-character verbs are clear.
_ORDINARY = re.compile(r"^改[革善进变造制正编良动建装]")


def parse(text: str) -> Command | None:
    """The command in `text`, or None: width, case, spaces inside, brackets and trailing punctuation aside.

    `修改 手机号` and `修改手机号` give `Command(MODIFY, "手机号")`; whether there is such a field is for the caller, who
    treats an unknown one as an ordinary answer when a question is open.
    """
    typed = normalise(text).strip(_EDGES).lower()
    if not typed:
        return Command(Word.HELP) if set(normalise(text)) & {"?"} else None
    compact = typed.replace(" ", "")
    bare = compact.rstrip("?") or "?"
    for candidate in (bare, _POLITE.sub("", bare)):
        if word := _BY_TEXT.get(candidate):
            return Command(word)
    return _modification(_POLITE.sub("", typed.rstrip("?")))


def _modification(typed: str) -> Command | None:
    found = _MODIFY.match(typed)
    if found is None or _ORDINARY.match(typed):
        return None
    field = found["field"].strip(_EDGES)
    return Command(Word.MODIFY, field) if field else None
