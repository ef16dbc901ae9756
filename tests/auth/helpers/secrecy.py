"""Search for secrets in places that must not contain them."""

import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from attrs import frozen

from tests.variables import causes_of, variables_of


def text_of(error: BaseException) -> str:
    """Return all that a program may show or send of an exception: text, arguments, and causes with their code."""
    texts = traceback.format_exception(error)
    for cause in causes_of(error):
        texts += [repr(cause), str(cause), repr(cause.args), repr(vars(cause))]
    return "\n".join(texts)


@frozen
class Watch:
    """Looks for secrets in failures and logs.

    Attributes:
        log: The captured log.
    """

    log: pytest.LogCaptureFixture

    def failure(self, kind: type[Exception], call: Callable[[], object], *secrets: str) -> str:
        """Make a call that must fail, and return the error's text after checking it for secrets."""
        with pytest.raises(kind) as caught:
            call()
        text = text_of(caught.value)
        variables = list(variables_of(caught.value))
        assert secrets
        for secret in secrets:
            assert secret not in text
            leaks = [each for each in variables if secret in each[1]]
            assert not leaks, leaks
            assert secret not in self.log.text
        return str(caught.value)


@contextmanager
def all_logs(log: pytest.LogCaptureFixture) -> Iterator[Watch]:
    """Capture all log records, of this package and of every library, during the block."""
    with log.at_level(logging.DEBUG), log.at_level(logging.DEBUG, "itwin_imodels"):
        yield Watch(log)
