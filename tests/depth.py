"""The depth of a test run: the tests that detect most for their time, or all tests (`make test-thorough`)."""

import os
from typing import Final

THOROUGH: Final = os.environ.get("IMODELS_TEST_THOROUGH") == "1"


def samples(count: int) -> int:
    """Return how many random samples to try, given the number of a thorough run."""
    return count if THOROUGH else max(count // 4, 10)
