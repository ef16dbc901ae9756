"""What tools show of an exception besides its text: the local variables of every function that it went through."""

from collections.abc import Iterator

_OURS = ("itwin_imodels", "imodel_files", "contextlib", "tenacity", "httpx", "httpcore", "authlib")
"""Packages whose variables are checked. Functions of tests and pytest hold secrets of their own."""


def causes_of(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and all that led to it, once each."""
    seen: set[int] = set()
    left: list[BaseException | None] = [error]
    while left:
        current = left.pop()
        if current is not None and id(current) not in seen:
            seen.add(id(current))
            yield current
            left += [current.__cause__, current.__context__]


def variables_of(error: BaseException) -> Iterator[tuple[str, str]]:
    """Yield place and `repr` of each variable in the tracebacks of an exception and of all that led to it."""
    for current in causes_of(error):
        yield from (("error", shown) for shown in (repr(current), *getattr(current, "__notes__", ())))
        trace = current.__traceback__
        while trace is not None:
            frame, trace = trace.tb_frame, trace.tb_next
            module = str(frame.f_globals.get("__name__"))
            if not module.startswith(_OURS):
                continue
            for name, value in list(frame.f_locals.items()):
                yield f"{name} in {module}.{frame.f_code.co_name}", repr(value)
