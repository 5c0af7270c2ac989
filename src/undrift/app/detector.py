"""The detectors of tokens in the package ``detect-secrets``, those that know a token by its look."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# What an API answers is full of ids, as random as any key; and names are undrift's own business.
_LEFT_OUT = frozenset({"Base64HighEntropyString", "HexHighEntropyString", "JwtTokenDetector", "KeywordDetector"})
# Half a megabyte on one line is an image or a page; the expressions are made for lines of source code.
_LONGEST_LINE = 20_000


class Detected(NamedTuple):
    """What a detector calls its find, and the letters that it found."""

    kind: str
    value: str

    def __repr__(self) -> str:
        """Without the letters, which may be a secret."""
        return f"<Detected: {self.kind}>"


def detector() -> Callable[[str], Iterator[Detected]] | None:
    """A function that gives the tokens in a line of text; None where the package is not installed.

    Nothing is verified: no detector asks the service whether a token is good.
    """
    try:
        from detect_secrets.core.plugins.util import (  # noqa: PLC0415 - an extra, and only for a scan
            get_mapping_from_secret_type_to_class,
        )
        from detect_secrets.filters import heuristic  # noqa: PLC0415 - as above
    except ImportError:
        return None
    classes = get_mapping_from_secret_type_to_class()
    detectors = [(kind, made()) for kind, made in classes.items() if made.__name__ not in _LEFT_OUT]
    harmless = (
        heuristic.is_potential_uuid,
        heuristic.is_sequential_string,
        heuristic.is_templated_secret,
        heuristic.is_not_alphanumeric_string,
    )

    def detect(line: str) -> Iterator[Detected]:
        if len(line) > _LONGEST_LINE:
            return
        for kind, one in detectors:
            # The whole line: some know a token by what stands beside it alone. No file is named, so none is left out.
            found = {secret.secret_value or "" for secret in one.analyze_line(filename="", line=line)}
            for value in sorted(found, key=line.find):
                # The SID of an account of Twilio names it in every URL, and is no secret.
                is_sid = kind.startswith("Twilio") and value.startswith("AC")
                if value and not is_sid and not any(is_harmless(value) for is_harmless in harmless):
                    yield Detected(kind, value)

    return detect
