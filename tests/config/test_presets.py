from __future__ import annotations

import re

import pytest

from undrift.config import PRESETS, parse
from undrift.credentials import stand_in

# Made up, in the form that each provider documents.
TEST_KEYS = {
    "STRIPE_TEST_KEY": ("sk_test_" + "4eC39HqLyjWDarjtT1zd", "rk_test_" + "51Hx9dK2eZvKYlo2C"),
    "GITHUB_TOKEN": ("ghp_" + "a1B2" * 9, "github_pat_" + "11ABCDE_0123456789abcdefghij"),
    "AWS_ACCESS_KEY_ID": ("AKIA" + "IOSFODNN7EXAMPLE",),
    "AWS_SECRET_ACCESS_KEY": ("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",),
    "AWS_SESSION_TOKEN": ("FwoGZXIvYXdzE" * 8,),
    "OPENAI_API_KEY": ("sk-proj-" + "a1B2c3D4" * 6, "sk-" + "a1B2c" * 4 + "T3Blbk" + "FJ" + "a1B2c" * 4),
    "ANTHROPIC_API_KEY": ("sk-ant-api03-" + "a1B2c3D4_-" * 9,),
    "SENDGRID_API_KEY": ("SG." + "a1B2c3D4e5F6g7H8i9J0k1" + "." + "a1B2c3D4e5" * 4 + "abc",),
    "TWILIO_ACCOUNT_SID": ("AC" + "0123456789abcdef" * 2,),
    "TWILIO_AUTH_TOKEN": ("0123456789abcdef" * 2,),
    "TWILIO_API_KEY": ("SK" + "0123456789abcdef" * 2,),
    "TWILIO_API_SECRET": ("a1B2c3D4" * 4,),
    "SLACK_BOT_TOKEN": ("xoxb-" + "123456789012-1234567890123-a1B2c3D4e5F6g7H8i9J0k1L2",),
    "SLACK_USER_TOKEN": ("xoxp-" + "123456789012-1234567890123-a1B2c3D4e5F6g7H8",),
    "SLACK_APP_TOKEN": ("xapp-" + "1-A0123456789-1234567890123-0123456789abcdef",),
    "GOOGLE_API_KEY": ("AIza" + "SyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q",),
    "GOOGLE_ACCESS_TOKEN": ("ya29." + "a0AfH6SMBx1b2C3d4E5f6G7h8I9j0",),
}
LIVE_KEYS = {
    "stripe": ("sk_live_" + "4eC39HqLyjWDarjtT1zd", "rk_live_" + "51Hx9dK2eZvKYlo2C"),
    "openai": ("sk-admin-" + "a1B2c3D4" * 6,),
    "anthropic": ("sk-ant-admin01-" + "a1B2c3D4" * 6,),
}
CREDENTIALS = [(name, pattern) for preset in PRESETS.values() for name, pattern in preset.credentials.items()]


def test_the_ready_made_services() -> None:
    wanted = {"stripe", "github", "aws", "openai", "anthropic", "sendgrid", "twilio", "slack", "google", "oauth2"}
    assert set(PRESETS) == wanted


@pytest.mark.parametrize("name", PRESETS)
def test_each_makes_a_service_that_stands(name: str) -> None:
    own = [] if PRESETS[name].origins else ["https://login.example"]
    (service,) = parse({"services": {name: {"preset": name, "origins": own}}}).services
    assert service.origins
    assert service.redactions.fields or service.redactions.headers
    assert set(service.forbidden) == set(PRESETS[name].forbidden)


@pytest.mark.parametrize(("name", "pattern"), CREDENTIALS)
def test_a_key_of_the_documented_form_fits_and_so_does_its_stand_in(name: str, pattern: str) -> None:
    for key in TEST_KEYS[name]:
        assert re.fullmatch(pattern, key), key
    assert re.fullmatch(pattern, stand_in(name, pattern))
    assert re.fullmatch(pattern, "an-ordinary-password") is None


@pytest.mark.parametrize("name", LIVE_KEYS)
def test_a_live_key_is_told_from_a_test_key(name: str) -> None:
    preset = PRESETS[name]
    for key in LIVE_KEYS[name]:
        assert any(re.search(pattern, key) for pattern in preset.forbidden), key
    for credential in preset.credentials:
        for key in TEST_KEYS[credential]:
            assert not any(re.search(pattern, key) for pattern in preset.forbidden), key


def test_no_service_takes_the_key_of_another_or_forbids_it() -> None:
    own = {name: set(preset.credentials) for name, preset in PRESETS.items()}
    for name, preset in PRESETS.items():
        for credential in TEST_KEYS.keys() - own[name]:
            for key in TEST_KEYS[credential]:
                assert not any(re.search(pattern, key) for pattern in preset.forbidden), (name, credential)
    pattern = PRESETS["openai"].credentials["OPENAI_API_KEY"]
    assert all(re.fullmatch(pattern, key) is None for key in TEST_KEYS["ANTHROPIC_API_KEY"])
