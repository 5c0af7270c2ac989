from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from undrift import errors
from undrift.errors import (
    CassetteError,
    CassetteUnreadableError,
    CredentialMissingError,
    NearMissError,
    NotAnsweredError,
    PlaybackError,
    UndriftError,
)

PATH = Path("cassettes/test_pay.yaml")


def drawn() -> dict[str, str | None]:
    """Read the tree in the module's docstring: each class with the one that it hangs from."""
    parents: dict[str, str | None] = {}
    above: list[tuple[int, str]] = []
    assert errors.__doc__ is not None
    for line in errors.__doc__.splitlines():
        found = re.match(r"^([ │├└─]*)(\w+Error)\b", line)
        if found is None:
            continue
        depth, name = len(found[1]), found[2]
        above = [(column, other) for column, other in above if column < depth]
        parents[name] = above[-1][1] if above else None
        above.append((depth, name))
    return parents


def test_the_tree_is_as_drawn() -> None:
    classes = {name: value for name, value in vars(errors).items() if name.endswith("Error")}
    tree = drawn()
    assert set(tree) == set(classes)
    for name, parent in tree.items():
        # Two roots are drawn: the second has no kinds of its own, and hangs from the first.
        expected = classes[parent] if parent is not None else Exception if name == "UndriftError" else UndriftError
        assert classes[name].__bases__ == (expected,), name


def test_an_error_of_a_cassette_names_the_file() -> None:
    error = CassetteError(PATH, "It is gone.")
    assert (str(error), error.path, error.problem) == ("cassettes/test_pay.yaml: It is gone.", PATH, "It is gone.")


@pytest.mark.parametrize(("line", "expected"), [(None, "It is odd."), (12, "line 12: It is odd.")])
def test_an_unreadable_cassette_names_the_line_where_it_is_known(line: int | None, expected: str) -> None:
    error = CassetteUnreadableError(PATH, "It is odd.", line=line)
    assert (error.problem, error.line) == (expected, line)
    assert str(error) == f"cassettes/test_pay.yaml: {expected}"


def test_a_missing_credential_says_where_it_was_looked_for_and_the_way_out() -> None:
    error = CredentialMissingError("SHOP_KEY", ("the environment", ".env.test"))
    assert (error.name, error.looked_in) == ("SHOP_KEY", ("the environment", ".env.test"))
    assert str(error) == (
        "The credential SHOP_KEY is missing. It was looked for in the environment, .env.test. "
        "Set it in one of these, or replay, which needs no credential."
    )


def test_a_request_without_an_answer_keeps_its_kind() -> None:
    assert NotAnsweredError("Nobody is there.", kind="dns").kind == "dns"


@pytest.mark.parametrize("kind", [PlaybackError, NearMissError])
def test_a_refused_request_is_described(kind: Any) -> None:
    assert kind("No.", request="GET https://api.example.com/").request == "GET https://api.example.com/"
    assert kind("No.").request == ""
