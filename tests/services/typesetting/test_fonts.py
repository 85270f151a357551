"""What can be printed is what the fonts that are shipped hold."""

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

from services.typesetting.fonts import FONT_DIRECTORY, UnprintableTextError, missing_characters


def glyphs(weight: str) -> set[int]:
    return set(TTFont(FONT_DIRECTORY / f"NotoSerifSC-{weight}.ttf").getBestCmap())


def test_the_coverage_list_is_exactly_what_the_regular_font_holds() -> None:
    held = glyphs("Regular")
    everything = "".join(map(chr, range(0x40000)))
    assert {ord(character) for character in everything} - held == set(
        map(ord, missing_characters(everything))
    )


def test_the_bold_font_holds_nothing_that_the_regular_one_lacks() -> None:
    assert glyphs("Bold") <= glyphs("Regular")


def test_all_hanzi_of_the_basic_block_and_extension_a_can_be_printed() -> None:
    assert missing_characters("".join(map(chr, [*range(0x4E00, 0xA000), *range(0x3400, 0x4DC0)]))) == ()


def test_names_punctuation_and_numbered_marks_can_be_printed() -> None:
    assert missing_characters("李䶮 陈𬭎·A-Z 0〇（）《》“”—…①⑳ⅣⅫ、。：；　") == ()


def test_what_is_invisible_private_or_lacking_is_missing_once_in_order() -> None:
    assert missing_characters("王𠮷\n𠮷\u200b\u202e\ue863\ud800") == (
        "𠮷",
        "\n",
        "\u200b",
        "\u202e",
        "\ue863",
        "\ud800",
    )


def test_the_error_names_the_characters_without_needing_to_show_them() -> None:
    error = UnprintableTextError(("𠮷", "\ud800"))
    assert error.characters == ("𠮷", "\ud800")
    assert "U+20BB7" in str(error)
    assert "U+D800" in str(error)
    str(error).encode()
