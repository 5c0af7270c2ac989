from __future__ import annotations

import pytest

from undrift.match.settings import CompiledRules, MatchRules


@pytest.mark.parametrize(
    ("place", "tokens"),
    [("", ()), ("/", ("",)), ("/a/*/b", ("a", "*", "b")), ("/a~1b/m~0n/~01", ("a/b", "m~n", "~1"))],
)
def test_a_json_pointer_is_taken_apart(place: str, tokens: tuple[str, ...]) -> None:
    rules = CompiledRules.of(MatchRules(volatile=(place,)))
    assert (rules.pointers, rules.names) == ((tokens,), frozenset())


def test_a_bare_name_is_no_pointer() -> None:
    rules = CompiledRules.of(MatchRules(volatile=("metadata[a/b]", "nonce")))
    assert not rules.pointers
    assert rules.names == {"metadata[a/b]", "nonce"}


def test_header_names_are_lower_case_and_once() -> None:
    rules = CompiledRules.of(MatchRules(match_headers=("Stripe-Version", "Accept", "stripe-version")))
    assert rules.header_names == ("stripe-version", "accept")
