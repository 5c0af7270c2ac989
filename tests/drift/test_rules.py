"""Ignore rules: with a reason, and until a day."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from undrift.drift import IgnoreRule

if TYPE_CHECKING:
    from collections.abc import Callable

    from undrift.drift import Comparison
    from undrift.model import Interaction

    Answer = Callable[..., Interaction]
    Told = Callable[[Comparison], list[tuple[str, str, str]]]
    Check = Callable[..., Comparison]

TODAY = dt.date(2026, 11, 21)


@pytest.mark.parametrize(
    ("rule", "covers"),
    [
        (IgnoreRule(), True),
        (IgnoreRule(service="shop"), True),
        (IgnoreRule(service="bank"), False),
        (IgnoreRule(kind="field-removed"), True),
        (IgnoreRule(kind="field-added"), False),
        (IgnoreRule(endpoint="/v1/things/*"), True),
        (IgnoreRule(endpoint="/v1/things/{id}"), True),
        (IgnoreRule(endpoint="/v2/*"), False),
        (IgnoreRule(path="/data/*/color"), True),
        (IgnoreRule(path="/*/*/col*"), True),
        (IgnoreRule(path="/data/**"), True),
        (IgnoreRule(path="/data/*"), False),
        (IgnoreRule(path="/data/0/color"), False),
        (IgnoreRule(path="no pointer"), False),
        (IgnoreRule(service="shop", path="/data/*/size"), False),
    ],
)
def test_which_findings_a_rule_covers(check: Check, answer: Answer, rule: IgnoreRule, *, covers: bool) -> None:
    url = "https://api.test/v1/things/17"
    seen = check(
        [answer({"data": [{"color": "red", "a": 1}]}, url=url)],
        [answer({"data": [{"a": 1}]}, url=url)],
        rules=(rule,),
        service_of=lambda _: "shop",
        today=TODAY,
    )
    assert (seen.findings == ()) is covers
    assert (seen.rules.used, seen.rules.unused) == (((str(rule),), ()) if covers else ((), (str(rule),)))


def test_an_expired_rule_is_reported_and_has_no_effect(check: Check, answer: Answer) -> None:
    takes = [answer({"a": "x"})], [answer({})]
    last = IgnoreRule(path="/a", reason="moving", expires=TODAY)
    assert check(*takes, rules=(last,), today=TODAY).findings == ()
    seen = check(*takes, rules=(last,), today=TODAY + dt.timedelta(days=1))
    assert len(seen.findings) == 1
    assert seen.rules.expired == ("path=/a (moving)",)
    assert (seen.rules.used, seen.rules.unused) == ((), ())
    assert check(*takes, rules=(last,)).findings == ()


def test_a_rule_for_everything_says_so() -> None:
    assert str(IgnoreRule()) == "everything"
    assert str(IgnoreRule("s", "/e", "/p", "k", "why")) == "service=s endpoint=/e path=/p kind=k (why)"
