from __future__ import annotations

import datetime as dt
import tomllib

import pytest

from undrift.config import Ignore, Redactions, Service, origin_from, parse
from undrift.errors import ConfigError

FULL = """
[services.shop]
origins = [
    "https://api.shop.example",
    "http://127.0.0.1:*",
    { url = "https://live.shop.example", read_only = true },
    { url = "https://api.shop.example", read_only = true },
    { url = "http://localhost:8000" },
    "https://*.shop.example",
]
credentials = { SHOP_KEY = "shop_test_[a-z]{8}" }
forbidden = ["shop_live_"]
match_headers = ["Shop-Version"]
volatile = ["/sent_at", "nonce"]
redact = { headers = ["Shop-Secret"], parameters = ["sig"], fields = ["pin"] }

[[services.shop.ignore]]
path = "/brand"
reason = "We never read it."
expires = 2030-01-31
"""


def services(text: str) -> tuple[Service, ...]:
    return parse(tomllib.loads(text)).services


def test_everything_that_can_be_said_of_a_service() -> None:
    config = parse(tomllib.loads(FULL))
    rule = Ignore("We never read it.", dt.date(2030, 1, 31), service="shop", path="/brand")
    assert config.services == (
        Service(
            name="shop",
            origins=(
                *("https://api.shop.example", "http://127.0.0.1:*", "https://live.shop.example"),
                *("http://localhost:8000", "https://*.shop.example"),
            ),
            read_only=("https://live.shop.example", "https://api.shop.example"),
            writable=(
                *("https://api.shop.example", "http://127.0.0.1:*", "http://localhost:8000"),
                "https://*.shop.example",
            ),
            credentials=(("SHOP_KEY", "shop_test_[a-z]{8}"),),
            forbidden=("shop_live_",),
            match_headers=("Shop-Version",),
            volatile=("/sent_at", "nonce"),
            redactions=Redactions(("Shop-Secret",), ("sig",), ("pin",)),
            ignore=(rule,),
        ),
    )
    assert config.ignore == (rule,), "a service's rules hold with those of all"
    assert config.has_credentials


def test_a_preset_alone_is_a_service() -> None:
    (stripe,) = services('[services.pay]\npreset = "stripe"\n')
    assert (stripe.name, stripe.origins) == ("pay", ("https://api.stripe.com",))
    assert stripe.credentials == (("STRIPE_TEST_KEY", "(sk|rk)_test_[A-Za-z0-9]{10,}"),)
    assert "client_secret" in stripe.redactions.fields
    assert "Stripe-Version" in stripe.match_headers
    assert stripe.ready_made == ("STRIPE_TEST_KEY",)
    assert "request-id" in stripe.noise
    assert stripe.forbidden


def test_what_is_given_is_added_to_a_preset_and_wins() -> None:
    (stripe,) = services(
        '[services.stripe]\npreset = "stripe"\norigins = ["http://127.0.0.1:*", "https://api.stripe.com"]\n'
        'credentials = { STRIPE_TEST_KEY = "sk_test_x+", OTHER_KEY = "o+" }\nmatch_headers = ["Accept"]\n'
    )
    assert stripe.origins == ("https://api.stripe.com", "http://127.0.0.1:*"), "the provider's own comes first"
    assert stripe.credentials == (("STRIPE_TEST_KEY", "sk_test_x+"), ("OTHER_KEY", "o+"))
    assert stripe.ready_made == ()
    assert stripe.match_headers == ("Stripe-Version", "Stripe-Account", "Accept")


def test_hosts_left_open_come_last() -> None:
    (aws,) = services('[services.aws]\npreset = "aws"\norigins = ["https://sqs.eu.amazonaws.com", "http://[::1]:*"]\n')
    assert aws.origins == ("https://sqs.eu.amazonaws.com", "http://[::1]:*", "https://*.amazonaws.com")


SERVICE = '[services.shop]\norigins = ["https://shop.example"]\n'
MISTAKES = [
    (
        '[services.shop]\npreset = "strip"',
        "services.shop.preset is 'strip', which is not valid. Did you mean 'stripe'?",
    ),
    ('[services.sso]\npreset = "oauth2"', "services.sso has no origins. The preset oauth2 has none of its own. Add,"),
    ("[services.shop]\norigins = [1]", "Each item of services.shop.origins must be a text that is not empty, but is 1"),
    (
        "[services.shop]\norigins = [{ read_only = true }]",
        "An origin of services.shop has no url. Write it so: { url =",
    ),
    (
        "[services.shop]\norigins = [{ url = 'https://a.example', readonly = true }]",
        "An origin of services.shop has the unknown key 'readonly'. Did you mean 'read_only'?",
    ),
    (
        "[services.shop]\norigins = [{ url = 'https://a.example', read_only = 'yes' }]",
        "read_only of an origin of services.shop must be true or false, but is 'yes'.",
    ),
    (
        "[services.shop]\norigins = ['https://*.a.example', 'http://127.0.0.1:*']",
        "The first origin of services.shop is https://*.a.example, but everything is stored under the first,",
    ),
    (
        '[services.one]\npreset = "github"\n[services.two]\npreset = "github"',
        "The services one and two both claim the origin https://api.github.com. Leave it to one of them,",
    ),
    (SERVICE + "forbidden = 'live'", "services.shop.forbidden must be a list, but is 'live'."),
    (SERVICE + "forbidden = ['[']", "Each item of services.shop.forbidden is '[', which is no regular expression: "),
    (SERVICE + "credentials = { KEY = 'a{99999999999}' }", "services.shop.credentials.KEY is 'a{99999999999}', which"),
    (SERVICE + "credentials = { 'MY KEY' = 'a' }", "services.shop.credentials has the name 'MY KEY', which no env"),
    (SERVICE + "redact = ['pin']", "services.shop.redact must be a table, but is ['pin']."),
    (SERVICE + "redact = { field = ['pin'] }", "[tool.undrift.services.shop.redact] has the unknown key 'field'. Did"),
    (SERVICE + "ignore = [{ reason = 'x' }]", "The ignore rule 1 of services.shop needs an expiry date, such as"),
    (
        SERVICE + "ignore = [{ service = 'pay', reason = 'x', expires = 2030-01-01 }]",
        "The ignore rule 1 of services.shop has the unknown key 'service'. Valid are: endpoint, path, kind,",
    ),
]


@pytest.mark.parametrize(("table", "words"), MISTAKES, ids=[str(number) for number in range(len(MISTAKES))])
def test_a_mistake_is_one_sentence_that_says_what_to_change(table: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        services(table)
    assert str(caught.value).startswith(words)
    assert str(caught.value).endswith((".", "?"))


@pytest.mark.parametrize(
    "origin",
    ["https://*", "https://*.com", "https://a.*.com", "https://*.*.com", "https://*.a.com:*", "https://*a.com"],
)
def test_a_host_is_left_open_at_its_start_and_by_whole_names(origin: str) -> None:
    with pytest.raises(ConfigError, match="which is none"):
        origin_from(origin, "Somebody")
    assert origin_from("https://*.A.com:8443", "Somebody") == "https://*.a.com:8443"
