from __future__ import annotations

import datetime as dt
import subprocess
import sys
import tomllib
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undrift.config import Config, Ignore, Mode, Service, mode_named, parse
from undrift.errors import ConfigError

FULL = """
mode = "missing"
cassettes = "/tapes/http/"
tests = ["tests/api/*"]
client_drift = "warn"
allowed_hosts = ["db\\\\.local"]
match_headers = ["Accept-Version"]

[services.stripe]
origins = ["https://API.stripe.com:443/", "http://127.0.0.1:*", "http://[::1]:8080", "http://localhost:80"]
credentials = { STRIPE_TEST_KEY = "sk_test_[a-z0-9]+" }
match_headers = ["Stripe-Version"]

[services.bare]
origins = ["https://bare.example", "http://127.0.0.1:*"]

[[ignore]]
service = "stripe"
endpoint = "/v1/customers/{id}"
path = "/sources/*"
kind = "field-added"
reason = "We never read it."
expires = 2030-01-31

[[ignore]]
path = "x-new-header"
endpoint = ""
reason = "A header."
expires = "2030-02-01"
"""


def test_no_table_means_the_conventions_of_pytest_recording() -> None:
    config = parse(None)
    assert config == Config()
    assert not config.is_explicit


def test_an_empty_table_means_the_defaults_of_undrift() -> None:
    config = parse({})
    assert config == Config(is_explicit=True)
    assert (config.mode, config.cassettes, config.client_drift) == (Mode.REPLAY, "cassettes", None)


def test_everything_that_can_be_said() -> None:
    assert parse(tomllib.loads(FULL)) == Config(
        is_explicit=True,
        mode=Mode.MISSING,
        cassettes="tapes/http",
        tests=("tests/api/*",),
        client_drift="warn",
        allowed_hosts=("db\\.local",),
        match_headers=("Accept-Version",),
        services=(
            Service(
                name="stripe",
                origins=("https://api.stripe.com", "http://127.0.0.1:*", "http://[::1]:8080", "http://localhost"),
                credentials=(("STRIPE_TEST_KEY", "sk_test_[a-z0-9]+"),),
                match_headers=("Stripe-Version",),
                writable=("https://api.stripe.com", "http://127.0.0.1:*", "http://[::1]:8080", "http://localhost"),
            ),
            Service(
                name="bare",
                origins=("https://bare.example", "http://127.0.0.1:*"),
                writable=("https://bare.example", "http://127.0.0.1:*"),
            ),
        ),
        ignore=(
            Ignore(
                reason="We never read it.",
                expires=dt.date(2030, 1, 31),
                service="stripe",
                endpoint="/v1/customers/{id}",
                path="/sources/*",
                kind="field-added",
            ),
            Ignore(reason="A header.", expires=dt.date(2030, 2, 1), path="x-new-header"),
        ),
    )


SERVICE = '[services.shop]\norigins = ["https://shop.example"]\n'
RULE = '[[ignore]]\nreason = "x"\nexpires = 2030-01-01\n'

MISTAKES = [
    # Keys
    ("moode = 'replay'", "[tool.undrift] has the unknown key 'moode'. Did you mean 'mode'? Valid are: mode,"),
    ("xyz = 1", "[tool.undrift] has the unknown key 'xyz'. Valid are: mode,"),
    (SERVICE + "origin = []", "[tool.undrift.services.shop] has the unknown key 'origin'. Did you mean 'origins'?"),
    (RULE + "pth = '/a'", "The ignore rule 1 has the unknown key 'pth'. Did you mean 'path'?"),
    # Choices
    ("mode = 'reply'", "mode is 'reply', which is not valid. Did you mean 'replay'? Valid are: replay,"),
    ("mode = 3", "mode is 3, which is not valid."),
    ("client_drift = 'fial'", "client_drift is 'fial', which is not valid. Did you mean 'fail'? Valid are: fail,"),
    ("client_drift = ['fail']", "client_drift is ['fail'], which is not valid."),
    # Types
    ("tests = 'all'", "tests must be a list, but is 'all'."),
    ("tests = [1]", "Each item of tests must be a text that is not empty, but is 1."),
    ("allowed_hosts = ['  ']", "Each item of allowed_hosts must be a text that is not empty, but is '  '."),
    ("match_headers = {}", "match_headers must be a list, but is {}."),
    ("services = []", "services must be a table, but is []."),
    ("services = { shop = 1 }", "services.shop must be a table, but is 1."),
    (SERVICE + "credentials = ['KEY']", "services.shop.credentials must be a table, but is ['KEY']."),
    (SERVICE + "credentials = { KEY = 1 }", "services.shop.credentials.KEY must be a text that is not empty"),
    ("ignore = {}", "ignore must be a list, but is {}."),
    ("ignore = [1]", "ignore rule 1 must be a table, but is 1."),
    # Folders
    ("cassettes = ''", "cassettes must be a text that is not empty, but is ''."),
    ("cassettes = '/'", "cassettes must be a folder inside the project, but is '/'."),
    ("cassettes = 'a/../../b'", "cassettes must be a folder inside the project, but is 'a/../../b'."),
    # Services
    ("[services.shop]", 'services.shop has no origins. Add, for example, origins = ["https://api.example.com"].'),
    (
        "[services.shop]\norigins = ['http://127.0.0.1:*']",
        "The first origin of services.shop is http://127.0.0.1:*, but everything is stored under the first,",
    ),
    (
        SERVICE + "[services.pay]\norigins = ['https://pay.example', 'https://shop.example:443']",
        "The services shop and pay both claim the origin https://shop.example. Leave it to one of them,",
    ),
    (SERVICE + "credentials = { KEY = '(' }", "services.shop.credentials.KEY is '(', which is no regular expression:"),
    # Ignore rules
    ("[[ignore]]\nreason = 'x'", "The ignore rule 1 needs an expiry date, such as expires = 2026-12-31."),
    ("[[ignore]]\nreason = 'x'\nexpires = 'soon'", "The ignore rule 1 needs an expiry date,"),
    ("[[ignore]]\nreason = 'x'\nexpires = 2030-01-01T00:00:00Z", "The ignore rule 1 needs an expiry date,"),
    (RULE + "[[ignore]]\nexpires = 2030-01-01", "The ignore rule 2 needs a reason: why may this be ignored?"),
    ("[[ignore]]\nreason = ''\nexpires = 2030-01-01", "reason of ignore rule 1 must be a text that is not empty"),
    (RULE + "path = 'a/b'", "The ignore rule 1 has the path 'a/b', which is no JSON Pointer: it must start"),
    (
        RULE + "path = '$.data.id'",
        "The ignore rule 1 has the path '$.data.id', which is no JSON Pointer: it must start",
    ),
    (RULE + "path = '/a~b'", "The ignore rule 1 has the path '/a~b', which is no JSON Pointer: it must start"),
    (RULE + "path = 'ETag'", "The ignore rule 1 has the path 'ETag', which is no JSON Pointer: it must start"),
    (RULE + "kind = 5", "kind of ignore rule 1 must be a text that is not empty, but is 5."),
    # What is empty and no text would make a rule that covers everything.
    (RULE + "endpoint = []", "endpoint of ignore rule 1 must be a text that is not empty, but is []."),
    (RULE + "path = false", "path of ignore rule 1 must be a text that is not empty, but is False."),
]


@pytest.mark.parametrize(("table", "words"), MISTAKES, ids=[str(number) for number in range(len(MISTAKES))])
def test_a_mistake_is_one_sentence_that_names_it(table: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(tomllib.loads(table))
    assert str(caught.value).startswith(words)
    assert str(caught.value).endswith((".", "?"))


@pytest.mark.parametrize(
    "origin",
    ["api.example.com", "ftp://a.example", "https://", "https://:443", "https://a.example/v1", "https://a.example?x=1",
     "https://a.example#top", "https://ann@a.example", "https://a.example:http", "https://a.example:*/", "https://[::1"],
)  # fmt: skip
def test_what_is_no_origin_is_refused_with_examples_of_one(origin: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse({"services": {"shop": {"origins": ["https://shop.example", origin]}}})
    assert str(caught.value) == (
        f"services.shop has the origin {origin!r}, which is none. An origin is a scheme, a host and perhaps a port, "
        "such as https://api.example.com or http://127.0.0.1:*."
    )


def test_a_mode_by_name() -> None:
    assert mode_named("check", "Somebody") is Mode.CHECK
    with pytest.raises(ConfigError, match=r"^Somebody is 'chek', which is not valid\. Did you mean 'check'\? "):
        mode_named("chek", "Somebody")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.dates(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
KEYS = st.sampled_from(
    [
        "mode",
        "cassettes",
        "tests",
        "client_drift",
        "allowed_hosts",
        "match_headers",
        "services",
        "providers",
        "ignore",
        "x",
    ]
)


@given(st.dictionaries(KEYS, VALUES, max_size=3))
def test_no_table_whatever_makes_anything_but_a_config_or_a_sentence(table: dict[str, Any]) -> None:
    with suppress(ConfigError):
        assert parse(table).is_explicit


def test_a_run_without_the_table_imports_nothing_that_is_for_the_table() -> None:
    code = """
import sys
from undrift import config
assert config.parse(None) == config.Config()
print([name for name in ("tomllib", "difflib", "undrift.config.services") if name in sys.modules])
print([name for name in config.__all__ if not hasattr(config, name)], hasattr(config, "other"))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "[]\n[] False\n"), done.stderr
