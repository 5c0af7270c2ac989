"""What vcrpy says in the log, without secrets: it tells there of each request and answer, before they are stored."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from undrift.model import Headers, Request
from undrift.scrub import scrub_request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from undrift.scrub import Secrets

_LOGGERS: Final = ("vcr.cassette", "vcr.matchers", "vcr.request", "vcr.stubs", "vcr.stubs.aiohttp_stubs")
_TEXT: Final = Headers.of([("Content-Type", "text/plain")])


@contextmanager
def logged_without(secrets: Secrets) -> Iterator[None]:
    """Have secrets replaced in what vcrpy logs; an answer is told of by its status alone."""
    scrubber = _Scrubber(secrets)
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    for logger in loggers:
        logger.addFilter(scrubber)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(scrubber)


class _Scrubber(logging.Filter):
    def __init__(self, secrets: Secrets) -> None:
        super().__init__()
        self._secrets = secrets

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(_in_short(value) for value in record.args)
        said = Request("", "", _TEXT, record.getMessage().encode("utf-8", "surrogatepass"))
        record.msg = scrub_request(said, self._secrets).body.decode("utf-8", "surrogatepass")
        record.args = ()
        return True


def _in_short(value: object) -> object:
    """An answer by its status; anything else as it is."""
    return value["status"] if isinstance(value, dict) and "status" in value else value
