"""A follower who speaks to the real pipeline."""

import pytest

from services.unit_of_work import Tools
from tests.chat import Follower


@pytest.fixture
def follower(tools: Tools) -> Follower:
    return Follower(tools)
