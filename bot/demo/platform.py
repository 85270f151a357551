"""The simulated platform of a demo: the official accounts as our settings know them, with their templates."""

from pathlib import Path

from bot.settings import Settings, WeChatSettings
from services.notices.catalogue import NOTICES
from simulator import AccountConfig, SimulatorConfig, TemplateConfig

#: Title of each template, and what stands before each of its fields.
TEMPLATES: dict[str, tuple[str, dict[str, str]]] = {
    "progress": (
        "办理进度通知",
        {"thing1": "办理项目", "phrase2": "办理结果", "thing3": "说明", "time4": "时间"},
    ),
    "payment": (
        "缴费成功通知",
        {"thing1": "报名项目", "thing2": "费用", "amount3": "金额", "time4": "时间"},
    ),
    "study": (
        "学习进度通知",
        {"thing1": "学习项目", "thing2": "完成情况", "thing3": "说明", "time4": "时间"},
    ),
    "exam": (
        "考试安排通知",
        {"thing1": "考试项目", "time2": "考试时间", "thing3": "考试地点", "thing4": "说明"},
    ),
    "result": (
        "成绩公布通知",
        {"thing1": "考试项目", "phrase2": "结果", "thing3": "说明", "time4": "时间"},
    ),
    "certificate": (
        "证书签发通知",
        {"thing1": "证书", "character_string2": "编号", "time3": "时间", "thing4": "说明"},
    ),
}


def template_ids(account: str) -> dict[str, str]:
    """Made-up template ids of an account, by our key."""
    return {key: f"DEMO-{account}-{key}".upper() for key in TEMPLATES}


def platform_for(settings: Settings, server_url: str, state_dir: Path | None) -> SimulatorConfig:
    """A platform whose accounts call `server_url` back; it keeps its state in `state_dir`, if any."""
    return SimulatorConfig(
        accounts=tuple(_account(name, account, server_url) for name, account in settings.wechat.items()),
        state_dir=state_dir,
    )


def _account(name: str, account: WeChatSettings, server_url: str) -> AccountConfig:
    return AccountConfig(
        name=name,
        title="证途",
        app_id=account.app_id,
        app_secret=account.app_secret,
        token=account.token,
        # The platform always has a key, whether the account uses it (safe mode) or not.
        aes_key=account.aes_keys[0] if account.aes_keys else "0" * 42 + "A",
        original_id=account.original_id or "gh_5d1a7e0c3b42",
        callback_url=f"{server_url}/wechat/{name}",
        mode=account.mode,
        templates=tuple(
            TemplateConfig(template_id=template_id, title=TEMPLATES[key][0], content=_content(key))
            for key, template_id in account.templates.items()
            if key in TEMPLATES
        ),
    )


def _content(key: str) -> str:
    """The fields as they stand below each other; one that a notice uses and nobody named stands under its key."""
    used = {
        name
        for notice in NOTICES.values()
        if notice.template is not None and notice.template.key == key
        for name in notice.template.fields
    }
    labels = TEMPLATES[key][1]
    names = [*labels, *sorted(used - labels.keys())]
    return "\n".join(f"{labels.get(name, name)}：{{{{{name}.DATA}}}}" for name in names)
