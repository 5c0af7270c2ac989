"""Classes of values, each by real examples, and how two values relate."""

from __future__ import annotations

import random
import string
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undrift.values import Family, Relation, classify, epoch_unit, is_id, moment, relate, relate_numbers, words


@pytest.mark.parametrize(
    ("text", "family", "layout"),
    [
        ("", "empty", ""),
        ("blue", "text", ""),
        ("Visa ending in 4242", "text", ""),
        ("2026-11-20", "time", "date"),
        ("2026-11-20T23:46Z", "time", "TZ"),
        ("2026-11-20T23:46:02Z", "time", "T:ssZ"),
        ("2026-11-20t23:46:02z", "time", "t:ssz"),
        ("2026-11-20 23:46:02", "time", " :ss"),
        ("2026-11-20T23:46:02.718Z", "time", "T:ss.fZ"),
        ("2026-11-20T23:46:02.718123Z", "time", "T:ss.fZ"),
        ("2026-11-20T23:46:02,7+00:00", "time", "T:ss,f+hh:mm"),
        ("2026-11-20T23:46:02-0500", "time", "T:ss+hhmm"),
        ("2026-11-20T23:46:02+01", "time", "T:ss+hh"),
        ("2026-11-20 23:46:02 UTC", "time", " :ss UTC"),
        ("20261120T234602Z", "time", "compact TZ"),
        ("20261120234602", "time", "compact "),
        ("Fri, 20 Nov 2026 23:46:02 GMT", "time", "rfc7231"),
        ("Fri, 20 Nov 2026 23:46:02 +0000", "time", "rfc2822"),
        ("20 Nov 2026 23:46 -0500", "time", "rfc2822"),
        ("Friday, 20-Nov-26 23:46:02 GMT", "time", "rfc850"),
        ("Fri Nov 20 23:46:02 2026", "time", "asctime"),
        ("20/Nov/2026:23:46:02 +0000", "time", "log"),
        ("11/20/2026", "time", "slashes"),
        ("23:46:02", "time", "clock"),
        ("1795218279", "time", "digits s"),
        ("1795218371715", "time", "digits ms"),
        ("1795218371715000", "time", "digits us"),
        ("1795218371715000000", "time", "digits ns"),
        ("1795218371.708664", "time", "digits s.f"),
        ("2026-13-45", "text", ""),
        ("c6104cbe-af31-11e0-8154-cbc7ccf896c7", "uuid", "lower"),
        ("C6104CBE-AF31-41E0-8154-CBC7CCF896C7", "uuid", "upper"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmN", "jwt", ""),
        ("0x25a3ebdb3ec0", "hex", "0x"),
        ("d41d8cd98f00b204e9800998ecf8427e", "hex", "32"),
        ("da39a3ee5e6b4b0d3255bfef95601890afd80709", "hex", "40"),
        ("8fabe1c49db6dc95", "hex", ""),
        ("biwMZVTV6Co8OnUoPXUgMw==", "base64", ""),
        ("9Gjjt1m+cjU4OPvX9O9/8RuvnG41MRb/18Oux2o5H5MY7ISNTlXN", "base64", ""),
        ("application/octets/stream", "text", ""),
        ("01ARZ3NDEKTSV4RRFFQ69G5FAV", "token", ""),
        ("0ujtsYcgvSTl8PAuAdqWYSMnLOv", "token", ""),
        ("V1StGXR8_Z5jdHi6B-myT", "token", ""),
        ("some-long-hyphened-sl", "text", ""),
        ("3tjold4jim8kcdc6weq6", "token", ""),
        ("axqpozaiumooenfbxjkpyvlbhtowdvokaenemmwrhl", "token", ""),
        ("99999999999999999999", "token", "digits"),
        ("9" * 60, "number", "string"),
        ("262144", "number", "string"),
        ("-1.5e3", "number", "string"),
        ("false", "boolean", "lower"),
        ("False", "boolean", "title"),
        ("TRUE", "boolean", "upper"),
        ("PT15M", "duration", "iso"),
        ("-P3D", "duration", "iso"),
        ("15.3 ms", "duration", " ms"),
        ("https://a.test/b?c=d", "url", ""),
        ("ann@example.com", "email", ""),
        ("10.0.0.255", "address", "v4"),
        ("127.0.0.1:8080", "address", "v4"),
        ("fe80::1", "address", "v6"),
        ("v1.0.3-beta.1", "version", ""),
        ("1.0a41", "version", ""),
        ("PaymentIntentSucceeded", "text", ""),
        ("basic-plan2", "text", ""),
        ("Version20", "text", ""),
        ("GetUserById", "text", ""),
        ("x" * 10_000, "text", ""),
    ],
)
def test_the_class_of_a_text(text: str, family: str, layout: str) -> None:
    found = classify(text)
    assert (found.family, found.layout) == (family, layout)


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("c6104cbe-af31-11e0-8154-cbc7ccf896c7", "v1"),
        ("0190163d-8694-739b-aea5-966c26f8ad91", "v7"),
        ("01ARZ3NDEKTSV4RRFFQ69G5FAV", "ulid"),
        ("0ujtsYcgvSTl8PAuAdqWYSMnLOv", "ksuid"),
        ("V1StGXR8_Z5jdHi6B-myT", "nanoid"),
    ],
)
def test_the_detail_of_an_id(text: str, detail: str) -> None:
    assert classify(text).detail == detail


@pytest.mark.parametrize(
    ("number", "unit"),
    [
        (1795218279, "s"),
        (1795218279.5, "s"),
        (1795218279123, "ms"),
        (1795218279123456, "us"),
        (1795218279123456789, "ns"),
        (5, ""),
        (5.5, ""),
        (17952182791, ""),
        (10**400, ""),
        (float("inf"), ""),
        (float("nan"), ""),
    ],
)
def test_the_unit_of_a_number_that_counts_since_1970(number: float, unit: str) -> None:
    assert epoch_unit(number) == unit


def test_families() -> None:
    assert Family.UUID.is_opaque
    assert Family.UUID.is_volatile
    assert Family.TIME.is_volatile
    assert not Family.TIME.is_opaque
    assert not Family.VERSION.is_volatile


CHANCE = [
    ("cus_SLlAfpovZYiu0u", "cus_K9wJ5n6D3NWfoR", "id"),
    ("/v1/customers/cus_SLlAfpovZYiu0u/sources", "/v1/customers/cus_K9wJ5n6D3NWfoR/sources", "url"),
    ("pi_zFjt3LaAquN79g_secret_mFJOK49lYwJCoyLD", "pi_saPKahnEroPDIT_secret_xBPvK3kwDHlfduM7", "client_secret"),
    ("3-8fabe1c49db6dc95", "3-6a06825db3f73179", "_rev"),
    ('W/"19c-967O2AEy1oHy2QveztNJo5F3Nas"', 'W/"19c-i2v3gn59YxvVWAo2HaFyFfsyh0w"', "etag"),
    ("40c9a681-05af-f931-d91e-ecb3c0b3bd59", "988d9a95-35da-e2c6-fbb9-f6f9a198b89b", "key"),
    ("2026-11-20T23:46:02.718Z", "2026-11-20T23:46:07.190123Z", ""),
    ("made at 2026-11-20T23:46:02Z by a", "made at 2026-11-20T23:46:09Z by a", ""),
    ("1795218362674", "1795218367157", "SentTimestamp"),
    ("validator 0x25a3ebdb3ec0 failed", "validator 0xb3ad58b9c20 failed", "message"),
    ("25_RjymxPoWux2q5Q9", "25_RjymzRJPMeOgiME", "id"),
    ("re_RjymxtuSTNeNckg", "re_RjymzbDnt7b0USh", "id"),
    ("biwMZVTV6Co8OnUoPXUgMw==", "A7h0lHNC5Y2a7r7E0h6P4A0000000000", "token"),
    ("8fabe1c49db6dc95", "6a06825db3f73179abcdef01", "hash"),
    ("a1b2", "c3d4", "id"),
    ("17", "18", "id"),
    ("req_tfbijjukugtbxb", "req_0juJm2PQtqX1u3", "request-id"),
    ("12", "3456", "took"),
    ("deadbeef01", "zz9plural8", "id"),
    ("0.0123", "0.0456", "processing_time"),
    ("12.5ms", "14.25ms", "spent"),
    ("127.0.0.1:51234", "127.0.0.1:51999", "peer"),
    ("123456", "123999", "resourceVersion"),
]
LAYOUT = [
    ("cus_SLlAfpovZYiu0u", "gcus_K9wJ5n6D3NWfoR", "id"),
    ("cus_DOPiaxqYQLIPjB", "gcus_fitHomsewuWUZv", "id"),
    ("2026-11-20T23:46:02Z", "2026-11-20T23:46:02+00:00", "at"),
    ("2026-11-20T23:46:02Z", "2026-11-20 23:46:02", "at"),
    ("2026-11-20T23:46:02Z", "1795218362", "at"),
    ("c6104cbe-af31-11e0-8154-cbc7ccf896c7", "qIWokK8LgC8VeBi0krXXqTjpFrxsnza4qebfle23Azx2z4ywYcZL", "RequestId"),
    ("d41d8cd98f00b204e9800998ecf8427e", "da39a3ee5e6b4b0d3255bfef95601890afd80709", "md5"),
    ("d41d8cd98f00b204e9800998ecf8427e", "zIWokK8LgC8VeBi0krXXqTjpFrxsnza4", "md5"),
    ("False", "false", "IsTruncated"),
    ("5.00", "five", "amount"),
    ("https://a.test/x", "/x", "url"),
    ("ann@example.com", "ann", "contact"),
]
VALUE = [
    ("red", "green", "color"),
    ("2019-12-03", "2020-08-27", "api_version"),
    ("0.64.8", "1.0a41", "datasette"),
    ("0.64", "0.65.1", "release"),
    ("gold", "pi_1KmRaMARuRTs9TwLZmU6sKu1", "id"),
    ("118EF0A", "5C1F753", "invoice_prefix"),
    ("262144", "1048576", "MaximumMessageSize"),
    ("animal-01", "animal-02", "name"),
    ("something", "", "note"),
    ("", "something", "note"),
    ("PaymentCreated", "PaymentDeleted", "type"),
    ("https://a.test/x", "https://b.test/x", "url"),
    ("30s", "60s", "timeout"),
    ("PT15M", "PT30M", "interval"),
    ("10.0.0.1", "10.0.0.2", "host"),
    ("Record not found", "Row not found", "error"),
]


@pytest.mark.parametrize(("stored", "fresh", "name"), CHANCE)
def test_values_that_differ_by_chance(stored: str, fresh: str, name: str) -> None:
    assert relate(stored, fresh, name).relation is Relation.CHANCE


@pytest.mark.parametrize(("stored", "fresh", "name"), LAYOUT)
def test_values_that_are_written_otherwise(stored: str, fresh: str, name: str) -> None:
    assert relate(stored, fresh, name).relation is Relation.LAYOUT


@pytest.mark.parametrize(("stored", "fresh", "name"), VALUE)
def test_values_that_say_something_else(stored: str, fresh: str, name: str) -> None:
    assert relate(stored, fresh, name).relation is Relation.VALUE


def test_what_is_renamed() -> None:
    assert relate("/c/cus_SLlAfpovZYiu0u", "/c/cus_K9wJ5n6D3NWfoR").renamed == (("SLlAfpovZYiu0u", "K9wJ5n6D3NWfoR"),)
    assert relate("2026-11-20", "2026-11-21").renamed == ()
    assert relate("re_DOPiaxqYQLIPjB", "re_fitHomsewuWUZv", "id").renamed == (("DOPiaxqYQLIPjB", "fitHomsewuWUZv"),)


@pytest.mark.parametrize(
    ("stored", "fresh", "name", "relation"),
    [
        (1795218279, 1795218282, "created", "chance"),
        (1795218279, 1795218282, "n", "chance"),
        (1795218279, 1795218279123, "created_at", "layout"),
        (1795218279, 1795218279123, "n", "value"),
        (17, 18, "id", "chance"),
        (17, 18, "customerId", "chance"),
        (17, 18, "version", "value"),
        (17, 18, "total", "value"),
        (1.4049090000298747, 1.4031819999900108, "query_ms", "chance"),
        (1.5, 2.5, "timeout_ms", "value"),
        (123456789, 123456999, "elapsed_ns", "chance"),
        (123456789, 123456999, "wait_ns", "chance"),
        (30, 60, "wait_ms", "value"),
        (12, 15, "took", "chance"),
        (3, 5, "processingTimeMs", "chance"),
        (3, 5, "taskUid", "chance"),
        (2000, 1099, "amount", "value"),
    ],
)
def test_how_numbers_relate(stored: float, fresh: float, name: str, relation: str) -> None:
    assert relate_numbers(stored, fresh, name).relation == relation


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (1795218279, 1795218279),
        (1795218279500, 1795218279.5),
        ("1795218279500", 1795218279.5),
        ("2026-11-20T23:44:39Z", 1795218279),
        ("2026-11-20 23:44:39", 1795218279),
        ("Fri, 20 Nov 2026 23:44:39 GMT", 1795218279),
        ("23:44:39", None),
        ("11/20/2026", None),
        ("Fri, 99 Nov 2026 23:44:39 GMT", None),
        ("blue", None),
        (5, None),
        (True, None),
        (None, None),
    ],
)
def test_the_moment_of_a_time(value: Any, seconds: float | None) -> None:
    assert moment(value) == seconds


def test_words_of_a_name() -> None:
    assert words("createdAt") == words("created_at") == words("Created-At") == {"created", "at"}
    assert words("HTTPServerID") == {"http", "server", "id"}


def test_ids() -> None:
    assert is_id("cus_SLlAfpovZYiu0u")
    assert is_id("c6104cbe-af31-11e0-8154-cbc7ccf896c7")
    assert not is_id("customers")
    assert not is_id("list-customers")


@pytest.mark.parametrize("length", [14, 20, 24])
def test_ids_that_chance_draws_are_taken_for_chance(length: int) -> None:
    chance = random.Random(7)  # noqa: S311 - the same draws each time
    draws = ["".join(chance.choices(string.ascii_letters + string.digits, k=length)) for _ in range(4000)]
    wrong = [
        (one, other)
        for one, other in zip(draws[::2], draws[1::2], strict=True)
        if relate(f"cus_{one}", f"cus_{other}", "id").relation is not Relation.CHANCE
    ]
    assert len(wrong) <= 4


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=8))
def test_any_two_texts_relate(stored: str, fresh: str, name: str) -> None:
    found = relate(stored, fresh, name)
    assert found.why
    assert all(one and other for one, other in found.renamed)


@pytest.mark.parametrize("text", ["1.2" + "a" * 5000 + "!", "a-" * 4000, "a@" * 4000, "P" + "1" * 8000, "=" * 8000])
def test_no_text_takes_long(text: str) -> None:
    # How a regular expression looks for its end is in no count; the time of this thread alone is the same under load.
    started = time.thread_time()
    relate(text, f"{text}b")
    assert time.thread_time() - started < 2
