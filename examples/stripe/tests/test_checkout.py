from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import stripe
from checkout import CardDeclinedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from checkout import Checkout

pytestmark = pytest.mark.vcr


def test_new_customer(client: stripe.StripeClient, customer: str) -> None:
    assert client.v1.customers.retrieve(customer).name == "Ann Lee"


def test_known_customer_is_found(checkout: Checkout, customer: str) -> None:
    assert checkout.customer("ann@example.com", "Ann Lee") == customer


def test_saved_cards(checkout: Checkout, customer: str, new_card: Callable[[str], str]) -> None:
    # Stripe lists two to a page here, so three cards are two pages.
    for number in ("4242424242424242", "5555555555554444", "4000056655665556"):
        checkout.save_card(customer, new_card(number))
    assert sorted(checkout.cards(customer)) == ["4242", "4444", "5556"]


def test_declined_card(checkout: Checkout, customer: str, new_card: Callable[[str], str]) -> None:
    with pytest.raises(CardDeclinedError, match="declined"):
        checkout.save_card(customer, new_card("4000000000000002"))


def test_payment(client: stripe.StripeClient, checkout: Checkout, customer: str, card: str) -> None:
    payment = checkout.pay(customer, card, 2000, "eur", order="1001")
    assert (payment.amount, payment.currency) == (2000, "eur")
    assert client.v1.payment_intents.retrieve(payment.id).metadata["order"] == "1001"


def test_payment_of_nobody(checkout: Checkout, card: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as unknown:
        checkout.pay("cus_nobody", card, 2000, "eur", order="1002")
    assert unknown.value.http_status == 404


def test_partial_refund(checkout: Checkout, customer: str, card: str) -> None:
    payment = checkout.pay(customer, card, 2000, "eur", order="1003")
    assert checkout.refund(payment, 500) == 500


def test_subscription(client: stripe.StripeClient, checkout: Checkout, customer: str, card: str) -> None:
    plan = client.v1.plans.create(
        {"amount": 1200, "currency": "eur", "interval": "month", "product": {"name": "Coffee each week"}}
    )
    assert card
    assert checkout.subscribe(customer, plan.id) == "active"
