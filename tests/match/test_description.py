from __future__ import annotations

from undrift.match import ABSENT, Difference, MatchResult, describe


def lines(*reasons: Difference) -> list[str]:
    return describe(MatchResult(matched=False, reasons=reasons)).splitlines()


def test_one_line_says_where_what_was_recorded_and_what_was_sent() -> None:
    assert lines(
        Difference("method", "", "GET", "POST"),
        Difference("body", "/amount", 100, "100"),
        Difference("body", "/tags", ["ä", None, True], ABSENT),
    ) == [
        'method: recorded "GET" / sent "POST"',
        'body /amount: recorded 100 / sent "100"',
        'body /tags: recorded ["ä", null, true] / sent absent',
    ]


def test_a_match_has_nothing_to_say() -> None:
    assert describe(MatchResult(matched=True, reasons=())) == ""


def test_long_values_are_cut_to_where_they_differ() -> None:
    [line] = lines(Difference("body", "", "x" * 500 + "A" + "y" * 500, "x" * 500 + "B" + "y" * 500))
    assert "xA" in line
    assert "xB" in line
    assert "…" in line
    assert len(line) < 300


def test_what_would_act_upon_a_terminal_is_escaped() -> None:
    [line] = lines(Difference("body", "/a\x1b[31m", "red\x1b[0m\u202e", "two\nlines\ud800\x85"))
    assert line.isprintable()
    assert line == (r'body /a\x1b[31m: recorded "red\u001b[0m\u202e" / sent "two\nlines\ud800\x85"')


def test_more_than_twenty_lines_are_counted() -> None:
    found = lines(*(Difference("body", f"/{index}", index, ABSENT) for index in range(23)))
    assert len(found) == 21
    assert found[-1] == "and 3 more differences"
