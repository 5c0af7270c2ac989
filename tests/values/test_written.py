"""Times in the layouts of many writers, alone and within texts."""

from __future__ import annotations

import pytest

from undrift.values import Family, Relation, classify, relate

LAYOUTS = [
    ("2026-11-20T23:46:02.718+01:00[Europe/Paris]", "T:ss.f+hh:mm[region]"),
    ("20261120T234602.718Z", "compact T.fZ"),
    ("20261120-234602", "compact -"),
    ("Fri, 20 Nov 2026 23:46:02 +0000 (UTC)", "rfc2822"),
    ("Fri, 20 Nov 2026 23:46:02 CET", "rfc2822"),
    ("Fri Nov 20 2026 23:46:02 GMT+0000 (Coordinated Universal Time)", "javascript"),
    ("Fri Nov 20 23:46:02 UTC 2026", "unix"),
    ("20-Nov-2026 23:46", "dashes dmy"),
    ("11/20/2026, 7:37:57 AM", "slashes 12h"),
    ("11/20/2026, 19:37", "slashes"),
    ("2026/11/20 23:46:02.123", "slashes ymd"),
    ("20.11.2026 23:46", "dots"),
    ("November 20, 2026 at 7:37 PM", "english"),
    ("Nov 20, 2026", "english"),
    ("/Date(1795218279000+0000)/", "aspnet"),
    ("0:00:05.120103", "clock"),
]


@pytest.mark.parametrize(("text", "layout"), LAYOUTS)
def test_the_layout_of_a_time(text: str, layout: str) -> None:
    found = classify(text)
    assert (found.family, found.layout) == (Family.TIME, layout)


@pytest.mark.parametrize("text", ["March", "1.2.3", "31/31/31", "/Dates/", "2026/13/45", "May the 4th", "1.2.2026.3"])
def test_what_only_looks_like_a_time(text: str) -> None:
    assert classify(text).family is not Family.TIME


@pytest.mark.parametrize(("text", "layout"), LAYOUTS)
def test_a_time_within_a_text_may_move(text: str, layout: str) -> None:
    moved = text.replace("2026", "2025").replace("1795218279", "1695218279").replace("0:05", "0:06")
    assert relate(f"Made {text} by ann", f"Made {moved} by ann").relation is Relation.CHANCE, layout
    assert relate(f"Made {text} by ann", f"Made {moved} by bob").relation is Relation.VALUE


@pytest.mark.parametrize(
    ("stored", "fresh"),
    [
        ("11/20/2026, 7:37:57 AM", "11/20/2026, 19:37:57"),
        ("Nov 20, 2026", "2026-11-20"),
        ("2026/11/20 23:46:02", "2026-11-20 23:46:02"),
        ("/Date(1795218279000)/", "2026-11-20T23:46:02Z"),
    ],
)
def test_another_layout_is_no_chance(stored: str, fresh: str) -> None:
    assert relate(stored, fresh, "at").relation is Relation.LAYOUT
