"""What is said about a picture that was refused or is doubtful: one reason and one instruction."""

from collections.abc import Mapping

_RESEND = "请用手机重新拍照，发送原图。"

_PROBLEMS: Mapping[str, tuple[str, str]] = {
    "not_a_picture": ("收到的文件不是照片", _RESEND),
    "heic": (
        "照片是 {format} 格式，无法读取",
        "请在手机相机设置里选择“兼容性最佳（JPG）”后重拍，或截屏后发送。",
    ),
    "unsupported_format": ("照片是 {format} 格式，无法读取", "请发送 JPG 或 PNG 格式的照片。"),
    "too_many_bytes": ("照片文件太大", "请发送 10MB 以内的照片。"),
    "too_many_pixels": ("照片尺寸太大", "请发送普通手机照片（4000万像素以内）。"),
    "damaged": ("照片没有传完整", "请换个网络好的地方，重新发送一次。"),
    "animated": ("收到的是动图", "请发送静态照片。"),
    "too_small": ("照片太小（{width}×{height} 像素），看不清楚", "请发送原图，不要发送缩略图或截图。"),
    "wrong_shape": (
        "照片的形状不对（{width}×{height} 像素），看起来不是竖版证件照",
        "请发送竖版证件照，例如 {needed_width}×{needed_height} 像素。",
    ),
    "gone": ("照片没有收到", "可能已过期，请重新发送一次。"),
    "unreachable": ("照片暂时没有取到", "请稍后重新发送一次。"),
}

_DOUBTS: Mapping[str, str] = {
    "orientation_unreadable": "照片方向信息损坏，请核对是否正立",
    "transparent": "照片原有透明部分，已改为白色",
    "ratio_off": "照片宽高比与要求略有出入",
    "background_not_blue": "背景看起来不是蓝色",
    "greyscale": "看起来是黑白照片",
    "same_picture": "与另一份报名的照片完全相同",
}


class _Facts(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "？"


def problem_and_remedy(code: str, facts: Mapping[str, object]) -> tuple[str, str]:
    """What is wrong, and what to do about it."""
    problem, remedy = _PROBLEMS.get(code, ("照片不能使用", _RESEND))
    return problem.format_map(_Facts(facts)), remedy.format_map(_Facts(facts))


def doubt(code: str) -> str:
    """What staff should look at."""
    return _DOUBTS.get(code, code)
