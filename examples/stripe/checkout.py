"""The checkout of a small shop: everything that it does with Stripe.

Amounts are in the smallest unit of the currency, as everywhere in Stripe's API.
"""

from __future__ import annotations

from dataclasses import dataclass

import stripe

# The version of Stripe's API that this code was written for: an upgrade is a decision of ours.
API_VERSION = "2022-11-15"


class CardDeclinedError(Exception):
    """The bank refused; the message is for the shopper."""


@dataclass(frozen=True)
class Payment:
    """A payment that went through."""

    id: str
    charge: str
    amount: int
    currency: str


def connect(key: str, base: str = "https://api.stripe.com") -> stripe.StripeClient:
    """Give a client for Stripe's API at ``base``."""
    return stripe.StripeClient(key, stripe_version=API_VERSION, base_addresses={"api": base}, max_network_retries=0)


class Checkout:
    """What the shop can do."""

    def __init__(self, client: stripe.StripeClient) -> None:
        self._api = client.v1

    def customer(self, email: str, name: str) -> str:
        """Find the customer with this e-mail address, or create one; gives the id."""
        known = self._api.customers.list({"email": email, "limit": 1}).data
        if known:
            return known[0].id
        return self._api.customers.create({"email": email, "name": name}).id

    def forget(self, customer: str) -> None:
        """Delete a customer, and the cards with them."""
        self._api.customers.delete(customer)

    def save_card(self, customer: str, card: str) -> None:
        """Attach a card to a customer, who pays with it from now on.

        Raises CardDeclinedError if the bank refuses it.
        """
        try:
            self._api.payment_methods.attach(card, {"customer": customer})
        except stripe.CardError as error:
            raise CardDeclinedError(error.user_message) from error
        self._api.customers.update(customer, {"invoice_settings": {"default_payment_method": card}})

    def cards(self, customer: str) -> list[str]:
        """List the last four digits of all cards of a customer."""
        pages = self._api.payment_methods.list({"customer": customer, "type": "card", "limit": 2})
        return [method.card.last4 for method in pages.auto_paging_iter() if method.card and method.card.last4]

    def pay(self, customer: str, card: str, amount: int, currency: str, order: str) -> Payment:
        """Charge a saved card at once.

        Raises CardDeclinedError if the bank refuses.
        """
        try:
            intent = self._api.payment_intents.create(
                {
                    "customer": customer,
                    "payment_method": card,
                    "amount": amount,
                    "currency": currency,
                    "confirm": True,
                    "metadata": {"order": order},
                }
            )
        except stripe.CardError as error:
            raise CardDeclinedError(error.user_message) from error
        if intent.status != "succeeded" or intent.latest_charge is None:
            raise CardDeclinedError(f"The payment is not through: {intent.status}.")
        charge = intent.latest_charge
        return Payment(intent.id, charge if isinstance(charge, str) else charge.id, intent.amount, intent.currency)

    def refund(self, payment: Payment, amount: int | None = None) -> int:
        """Give back a part of a payment, or all of it; gives the amount."""
        whole = payment.amount if amount is None else amount
        return self._api.refunds.create({"charge": payment.charge, "amount": whole}).amount

    def subscribe(self, customer: str, plan: str) -> str:
        """Let a customer pay for a plan each month; gives the subscription's status."""
        return self._api.subscriptions.create({"customer": customer, "items": [{"plan": plan}]}).status
