"""What is secret, and that nothing shows it."""

from __future__ import annotations

import base64
import traceback

import pytest

from undrift.errors import CredentialError
from undrift.scrub import Secrets, leaks

VALUE = "sk_test_51HxyZ0abcDEF"


def test_printing_shows_a_count_and_nothing_else() -> None:
    secrets = Secrets.named({"STRIPE_TEST_KEY": VALUE, "OTHER": "another-one"})

    assert repr(secrets) == str(secrets) == f"{secrets}" == "<Secrets: 2>"
    assert len(secrets) == 2


def test_a_failed_comparison_shows_no_value() -> None:
    first, second = Secrets.named({"KEY": VALUE}), Secrets.named({"KEY": "another-one"})
    with pytest.raises(AssertionError) as failure:
        assert first == second

    assert VALUE not in "".join(traceback.format_exception(failure.value))


def test_secrets_can_be_told_apart_and_kept_in_sets() -> None:
    first = Secrets.named({"KEY": VALUE})

    assert first == Secrets.named({"KEY": VALUE})
    assert first != Secrets.named({"KEY": "another-one"})
    assert first != VALUE
    assert {first, Secrets.named({"KEY": VALUE})} == {first}


def test_truth_says_whether_there_are_any() -> None:
    assert not Secrets()
    assert not Secrets.named({})
    assert Secrets.named({"KEY": VALUE})


def test_one_name_may_have_several_values() -> None:
    both = Secrets.named({"KEY": VALUE}) | Secrets.named({"KEY": "sk_test_standin0000"})

    found = leaks(f"{VALUE} sk_test_standin0000".encode(), both)

    assert [leak.name for leak in found] == ["KEY", "KEY"]
    assert len(both | both) == 2
    assert (both | Secrets()) == both


@pytest.mark.parametrize("value", ["", " ", "\n\t"])
def test_an_empty_value_is_refused_with_its_name(value: str) -> None:
    with pytest.raises(CredentialError, match="The credential API_KEY is empty"):
        Secrets.named({"API_KEY": value})


def test_every_form_of_a_value_is_known() -> None:
    value = "p@ss/w ö\"rd&<x>'y"
    secrets = Secrets.named({"PW": value})
    encoded = base64.b64encode(f"user:{value}".encode())
    spelled = {
        b'{"a": "p@ss/w \\u00f6\\"rd&<x>\'y"}': "json",
        b'{"a": "p@ss\\/w \\u00f6\\"rd&<x>\'y"}': "json",
        b'{"a": "p@ss/w \\u00f6\\"rd\\u0026\\u003cx\\u003e\'y"}': "json",
        b"a=p%40ss%2Fw+%C3%B6%22rd%26%3Cx%3E%27y&b": "url",
        b"a=p%40ss%2fw%20%c3%b6%22rd%26%3cx%3e%27y&b": "url",
        "<a>p@ss/w ö\"rd&amp;&lt;x&gt;'y</a>".encode(): "xml",
        '<a b="p@ss/w ö&quot;rd&amp;&lt;x&gt;&#39;y"/>'.encode(): "xml",
        "- 'p@ss/w ö\"rd&<x>''y'".encode(): "yaml",
        value.encode(): "plain",
        value.encode("latin-1"): "plain",
        value.encode().hex().encode(): "hex",
        value.encode().hex().upper().encode(): "hex",
        encoded: "base64",
        base64.b64encode(value.encode("latin-1")): "base64",
    }

    for text, kind in spelled.items():
        assert [(leak.name, leak.form) for leak in leaks(text, secrets)] == [("PW", kind)], text


def test_a_value_without_letters_or_digits_is_found() -> None:
    secrets = Secrets.named({"PW": "!$%&/()="})

    assert leaks(b"x !$%&/()= x", secrets)
    assert leaks(b"x=%21%24%25%26%2F%28%29%3D", secrets)
