from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
import stripe
from checkout import Checkout, connect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


@pytest.fixture
def client(credentials: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> stripe.StripeClient:
    # It would send an id and the operating system of whoever records.
    monkeypatch.setattr(stripe, "enable_telemetry", False)
    return connect(credentials["STRIPE_TEST_KEY"], os.environ.get("STRIPE_API_BASE", "https://api.stripe.com"))


@pytest.fixture
def checkout(client: stripe.StripeClient) -> Checkout:
    return Checkout(client)


@pytest.fixture
def customer(checkout: Checkout) -> Iterator[str]:
    customer = checkout.customer("ann@example.com", "Ann Lee")
    yield customer
    # The sandbox keeps what it is told: without this, the next run would find Ann instead of creating her.
    checkout.forget(customer)


@pytest.fixture
def new_card(client: stripe.StripeClient) -> Callable[[str], str]:
    def create(number: str) -> str:
        return client.v1.payment_methods.create(
            {"type": "card", "card": {"number": number, "exp_month": 12, "exp_year": 2034, "cvc": "123"}}
        ).id

    return create


@pytest.fixture
def card(checkout: Checkout, customer: str, new_card: Callable[[str], str]) -> str:
    card = new_card("4242424242424242")
    checkout.save_card(customer, card)
    return card
