"""What is wrong with an answer: from a rule's code and facts to a sentence that says what to do."""

from collections.abc import Mapping

from services.schemes.models import FormField

_SENTENCES: Mapping[str, str] = {
    "identity.empty": "没有看到身份证号。",
    "identity.characters": "第{position}位不是数字。身份证号由17位数字加1位数字或字母X组成。",
    "identity.old_15": "这是15位的旧号码，请填写现在18位的身份证号。",
    "identity.length": "您输入了{length}位，身份证号应为{expected}位，请核对是否多输或漏输。",
    "identity.prefix": "开头两位不对，请对照身份证再核对一次。",
    "identity.birth_date": "中间的出生日期（第7到14位）不是真实日期，请核对。",
    "identity.example": "这是示例号码，请填写您本人的身份证号。",
    "identity.checksum": "号码校验不通过，通常是某一位输错或两位颠倒，请对照身份证逐位核对。",
    "identity.age": "按号码推算为{age}岁，报名年龄应在{minimum}到{maximum}岁之间，请核对。",
    "mobile.empty": "没有看到手机号。",
    "mobile.characters": "第{position}个字不是数字，手机号只填数字。",
    "mobile.foreign": "请填写中国大陆的11位手机号。",
    "mobile.length": "您输入了{length}位，手机号应为{expected}位。",
    "mobile.landline": "这是固定电话，请填写11位手机号，用来接收通知。",
    "mobile.unknown": "这个号段不存在，请核对手机号。",
    "name.empty": "没有看到姓名。",
    "name.digits": "姓名里不能有数字。",
    "name.character": "姓名里的“{character}”不能使用，请只填写汉字、字母和间隔点“·”。",
    "name.dot": "间隔点“·”应在姓名中间，请核对。",
    "name.length": "姓名应为{minimum}到{maximum}个字。",
    "date.empty": "没有看到日期。",
    "date.day_missing": "还缺“日”，请写全年月日。",
    "date.year": "年份请写四位数字。",
    "date.impossible": "{year}年{month}月没有{day}日，请核对。",
    "date.format": "没有看懂这个日期。",
    "region.empty": "没有看到所在地。",
    "region.unknown": "没有找到这个地方。",
    "region.ambiguous": "有不止一个同名的地方，请连省、市一起写。",
    "region.county": "请写到区、县。",
    "choice.unknown": "没有这个选项，请回复前面的数字。",
    "choice.ambiguous": "不能确定是哪一项，请回复前面的数字。",
    "text.short": "太短了，至少要{limit}个字。",
    "text.long": "太长了（{length}个字），最多{limit}个字，请精简。",
    "ethnicity.unknown": "没有这个民族名称，请写56个民族之一的全称。",
    "long_text.short": "已写{length}字，至少要{limit}字，还差{needed}字（空格和换行不算）。请补充后把全文一次发来。",
    "long_text.long": "已写{length}字，最多{limit}字，请精简后把全文一次发来。",
    "list.empty": "没有看到要填的内容。",
    "list.many": "您填了{count}项，最多{limit}项，请减少后重新回复。",
    "list.mixed": "所选项目要属于同一类型，现在有：{groups}。请只选其中一类。",
    "list.long": "“{item}……”太长了，每项最多{limit}个字；几项之间请用顿号隔开。",
    "email.empty": "没有看到邮箱地址。",
    "email.at": "邮箱地址里应有一个 @ 符号。",
    "email.format": "邮箱地址的格式不对，请逐个字母核对。",
    "number.empty": "没有看到数字。",
    "number.format": "没有看懂这个数，请只回复一个数字。",
    "number.small": "不能小于{minimum}{unit}，请核对。",
    "number.large": "不能大于{maximum}{unit}，请核对。",
    "postcode.format": "邮编是6位数字，请核对。",
    "table.row": "每一行都填好了。要改某一行，请先写行号再写内容（共{rows}行）。",
    "table.twice": "【{row}】写了两次，请只留一行后重新发送。",
    "table.cells": "【{row}】这一行要填{expected}项：{columns}，您填了{found}项。各项之间请用逗号隔开。",
    "table.long": "“{column}”太长了，最多{limit}个字。",
}


def sentence(code: str, facts: Mapping[str, object]) -> str | None:
    """What was wrong, where there is no field to give an example of; None for a code of something else."""
    return _SENTENCES[code].format_map(dict(facts)) if code in _SENTENCES else None


def problem(code: str, facts: Mapping[str, str | int], field: FormField) -> str:
    """What was wrong and an example; suggestions when the rule has some."""
    lines = ["" + _SENTENCES.get(code, "没有看懂您的回答。").format_map(dict(facts))]
    if item := facts.get("item", "") if code.startswith("choice.") else "":
        lines.append(f"没有看懂的是：{item}")
    if suggestions := facts.get("suggestions"):
        lines.append(f"您是不是要填：{suggestions}")
    if field.example:
        lines.append(f"例如：{field.example}")
    return "\n".join(lines)
