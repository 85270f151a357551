"""Scheme files at the command line: a fault is reported with its file and place."""

import json
from pathlib import Path

import pytest

from bot.cli.application import run
from services.schemes.loader import BUILT_IN


def test_the_three_quality_safety_schemes_are_listed(
    no_settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A2"""
    assert run(["schemes", "list", "--json"]) == 0
    listed = {item["id"]: item for item in json.loads(capsys.readouterr().out)}
    assert {"quality-safety-officer", "quality-safety-director", "chief-quality-officer"} <= listed.keys()
    assert len(listed["chief-quality-officer"]["sha256"]) == 64


def test_a_scheme_is_shown_with_its_fees_and_with_what_is_only_proposed(
    no_settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A2, B10"""
    assert run(["schemes", "show", "quality-safety-officer"]) == 0
    shown = capsys.readouterr().out
    assert "人员能力验证费 180元" in shown
    assert "grading.robust" in shown
    assert "基准指数" in shown


def test_a_faulty_file_is_reported_with_its_place(
    no_settings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (BUILT_IN / "_quality_safety_officer.toml").read_text(encoding="utf-8")
    wrong = tmp_path / "mine.toml"
    wrong.write_text(text.replace('due_before = "sitting"', 'due_before = "tomorrow"'), encoding="utf-8")
    assert run(["schemes", "check", str(wrong), "--json"]) == 1
    told = capsys.readouterr()
    assert json.loads(told.out)["valid"] is False
    assert 'fees[2] "verification".due_before' in told.err


def test_the_built_in_files_pass_their_check(no_settings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schemes", "check"]) == 0
    assert capsys.readouterr().out.count("✓") >= 3
