"""One finding an endpoint and place; and what a second fresh take makes of the first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from undrift.drift import Attribution, Finding, Kind, Occurrence, Severity, Where, confirm, merge

if TYPE_CHECKING:
    from collections.abc import Callable

    from undrift.drift import Comparison
    from undrift.model import Interaction

    Answer = Callable[..., Interaction]
    Told = Callable[[Comparison], list[tuple[str, str, str]]]
    Check = Callable[..., Comparison]


def finding(  # noqa: PLR0913 - the parts of a finding
    path: str = "/a",
    *,
    severity: Severity = Severity.BREAKING,
    cassette: str = "a.yaml",
    endpoint: str = "/v1/c",
    attribution: Attribution = Attribution.UNKNOWN,
    confirmed: bool | None = None,
) -> Finding:
    return Finding(
        severity=severity,
        kind=Kind.FIELD_REMOVED,
        where=Where.BODY,
        service="shop",
        method="GET",
        endpoint=endpoint,
        path=path,
        stored=severity.label,
        fresh=None,
        occurrences=(Occurrence(cassette, 0, 0, path),),
        attribution=attribution,
        confirmed=confirmed,
        story=(cassette,),
    )


def test_one_finding_has_all_occurrences_and_the_highest_severity() -> None:
    (merged,) = merge(
        [
            finding(severity=Severity.RISKY, cassette="a.yaml"),
            finding(severity=Severity.BREAKING, cassette="b.yaml", attribution=Attribution.STALE_MOCK),
            finding(severity=Severity.RISKY, cassette="b.yaml", attribution=Attribution.BROKEN_BY_DRIFT),
        ]
    )
    assert merged.severity is Severity.BREAKING
    assert merged.stored == "breaking"
    assert [seen.cassette for seen in merged.occurrences] == ["a.yaml", "b.yaml"]
    assert merged.attribution is Attribution.BROKEN_BY_DRIFT
    assert merged.story == ("a.yaml", "b.yaml")


def test_findings_come_in_a_stable_order() -> None:
    findings = [
        finding("/d", severity=Severity.INFO),
        finding("/c", endpoint="/v1/z"),
        finding("/b"),
        finding("/a"),
    ]
    order = [(one.severity.label, one.endpoint, one.path) for one in merge(findings)]
    assert order == [
        ("breaking", "/v1/c", "/a"),
        ("breaking", "/v1/c", "/b"),
        ("breaking", "/v1/z", "/c"),
        ("info", "/v1/c", "/d"),
    ]
    assert merge(reversed(findings)) == merge(findings)


def test_what_was_confirmed_anywhere_is_confirmed() -> None:
    cases: list[tuple[list[bool | None], bool | None]] = [
        ([None, None], None),
        ([True, None], True),
        ([None, False], False),
        ([False, True], True),
    ]
    for given, expected in cases:
        assert merge([finding(confirmed=one) for one in given])[0].confirmed is expected


def test_a_finding_with_ten_thousand_occurrences(check: Check, answer: Answer) -> None:
    seen = check([answer(["red"] * 10_000)], [answer(["blue"] * 10_000)])
    assert [len(one.occurrences) for one in seen.findings] == [10_000]


def test_the_same_place_in_two_places_of_one_answer(check: Check, answer: Answer) -> None:
    seen = check([answer([{"a": 1}, {"a": 2}])], [answer([{}, {}])])
    assert [one.pointer for one in seen.findings[0].occurrences] == ["/0/a", "/1/a"]
    assert seen.findings[0].stored == 1


def test_what_a_second_take_shows_again_is_confirmed(check: Check, answer: Answer, told: Told) -> None:
    stored, fresh = [answer({"a": 1, "c": "x"})], [answer({"c": "y"})]
    sure = confirm(check(stored, fresh), check(stored, fresh))
    assert told(sure) == [("breaking", "field-removed", "/a"), ("info", "value-changed", "/c")]
    assert [one.confirmed for one in sure.findings] == [True, None]
    assert "A second fresh take shows it too." in sure.findings[0].story


def test_what_it_does_not_show_is_noise(check: Check, answer: Answer) -> None:
    stored = [answer({"a": 1})]
    first = check(stored, [answer({})])
    seen = confirm(first, check(stored, stored))
    assert seen.findings == ()
    assert [(noise.pointer, noise.interaction, noise.why) for noise in seen.noise] == [
        ("/a", 0, "a second fresh take does not show it")
    ]
    assert seen.interactions == first.interactions
    assert seen.verdict == "clean"


def test_what_it_could_not_look_at_stays_unconfirmed(check: Check, answer: Answer) -> None:
    stored = [answer({"a": 1})]
    kept = confirm(check(stored, [answer({})]), check(stored, [answer({}, status=503)]))
    assert [one.confirmed for one in kept.findings] == [None]


def test_a_request_that_is_another_one_each_time_is_noise(check: Check, answer: Answer) -> None:
    stored, one, other = ([answer({}, method="POST", sent={"n": text})] for text in ("amber", "basil", "cedar"))
    assert confirm(check(stored, one), check(stored, other)).findings == ()
    assert len(confirm(check(stored, one), check(stored, one)).findings) == 1
