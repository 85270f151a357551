"""The seed, how much is asked for, and where the results go."""

import json
import os
import random
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.awaits import ROOT

#: `make chaos`: everything at full size.
FULL = os.environ.get("ZHENGTU_CHAOS") == "full"


@pytest.fixture
def seed() -> str:
    """What is left to chance; a failing test shows the seed, and `ZHENGTU_CHAOS_SEED` repeats it."""
    seed = os.environ.get("ZHENGTU_CHAOS_SEED") or secrets.token_hex(4)
    print(f"ZHENGTU_CHAOS_SEED={seed}")  # noqa: T201 - pytest shows it when the test fails
    return seed


@pytest.fixture
def chance(seed: str, request: pytest.FixtureRequest) -> random.Random:
    return random.Random(f"{seed} {request.node.name}")  # noqa: S311 - no secret


@pytest.fixture
def report(seed: str, request: pytest.FixtureRequest) -> Callable[..., None]:
    """Say what a storm came to; a full run adds it to var/chaos.jsonl."""

    def say(**found: Any) -> None:
        told = {"test": request.node.name, "seed": seed, **found}
        print(json.dumps(told))  # noqa: T201 - pytest shows it when the test fails, and in a full run
        if FULL:
            kept = Path(ROOT) / "var" / "chaos.jsonl"
            kept.parent.mkdir(exist_ok=True)
            with kept.open("a") as file:
                file.write(json.dumps({"at": datetime.now(UTC).isoformat(timespec="seconds"), **told}) + "\n")

    return say
