"""Ids and tokens that are several runs of letters and digits."""

from __future__ import annotations

import pytest

from undrift.values import Family, classify, holds_id, is_id


@pytest.mark.parametrize(
    ("text", "family", "layout"),
    [
        ("drMQp7dj-_gz09jy47zMGC1BsUlC3qHHDxbDn9JBveM", Family.TOKEN, ""),
        ("Vx8qj1T_0Zk-a9Lw3eQmBg==", Family.TOKEN, ""),
        ("ef058014-f08b-438d-1650-a12bd876", Family.HEX, "groups of -"),
        ("EF058014-F08B-438D-1650-A12BD876", Family.HEX, "groups of -"),
        ("1ed406d3.8e9dd9", Family.HEX, "groups of ."),
        ("2148419-1795246717-2", Family.TOKEN, "stamp of 3"),
        ("8YMFJ-RUP65-W37X0-92EEP", Family.TOKEN, "4 groups"),
        ("02:42:ac:11:00:1f", Family.HEX, "mac"),
        ("1526919030474-55", Family.TOKEN, "stamp of 2"),
    ],
)
def test_one_id_of_several_runs(text: str, family: Family, layout: str) -> None:
    found = classify(text)
    assert (found.family, found.layout) == (family, layout)
    assert is_id(text)


@pytest.mark.parametrize(
    "text",
    [
        "cus_SLlAfpovZYiu0uABCDEF",  # what an id is of stands before it
        "7a62c49f-347e-4fc4-9331-6e8eEXAMPLE",  # a UUID with a word in it
        "Release-Notes-For-V2-And-More9",
        "feed-beef-cafe",
        "dead-beef-dead-beef",
        "Abcd1234-efab-5678",
        "555-0100-2234",
        "12-34-56",
        "SOME-WORD-OVER-HERE",
        "AB12-XY345-EF67",
    ],
)
def test_what_is_of_no_such_class(text: str) -> None:
    assert classify(text).family in {Family.TEXT, Family.NUMBER}


@pytest.mark.parametrize(
    "part",
    [
        "$NXlSnmhrjXi5XzApb3pCslUO-HTRXPYCwiwdZL-yFHk",
        "!ZJCjEoSqpnEQnPuBBN:test.local",
        "report-c6104cbe-af31-41e0-8154-cbc7ccf896c7.pdf",
        "Orders('SLlAfpovZYiu0u')",
        "cus_SLlAfpovZYiu0u",
    ],
)
def test_a_part_of_a_path_holds_an_id(part: str) -> None:
    assert holds_id(part)


@pytest.mark.parametrize("part", ["customers", "demo-1.0-py3-none-any.whl", "$metadata", "", "v1", "$", "a.b.c"])
def test_a_part_of_a_path_holds_none(part: str) -> None:
    assert not holds_id(part)
