"""The official Stripe SDK, over each of its clients, through undrift.

Each flow is written once, as a generator of calls, and driven by a sync and an async shell.
"""

from __future__ import annotations

import asyncio
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import requests
import stripe

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    Flow = Generator["Step", Any, None]

# One version for all flows, whichever the SDK that is installed would ask for.
API_VERSION = "2022-11-15"

pytestmark = [
    pytest.mark.vcr,
    # Stripe's SDK passes its forms to httpx in a way that httpx calls old.
    pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning"),
]


@dataclass(frozen=True)
class Call:
    """One call of the SDK, such as ``Call("customers", "create", {...})``."""

    service: str
    method: str
    arguments: tuple[Any, ...]

    def run(self, client: stripe.StripeClient) -> Any:
        return getattr(getattr(client.v1, self.service), self.method)(*self.arguments)

    async def run_async(self, client: stripe.StripeClient) -> Any:
        return await getattr(getattr(client.v1, self.service), f"{self.method}_async")(*self.arguments)


@dataclass(frozen=True)
class Every:
    """All items from a page on, which asks for the further pages."""

    page: Any

    def run(self, _client: stripe.StripeClient) -> Any:
        return list(self.page.auto_paging_iter())

    async def run_async(self, _client: stripe.StripeClient) -> Any:
        return [item async for item in self.page.auto_paging_iter()]


Step = Call | Every


def call(service: str, method: str, *arguments: Any) -> Call:
    return Call(service, method, arguments)


def create_customer() -> Flow:
    customer = yield call(
        "customers", "create", {"email": "ann@example.com", "name": "Ann Lee", "metadata": {"a": "1"}}
    )
    changed = yield call("customers", "update", customer.id, {"name": "Ann Smith"})
    assert changed.name == "Ann Smith"
    same = yield call("customers", "retrieve", customer.id)
    assert (same.email, same.name, same.metadata["a"]) == ("ann@example.com", "Ann Smith", "1")
    gone = yield call("customers", "delete", customer.id)
    assert gone.deleted


def attach_card() -> Flow:
    customer, card = yield from _customer_with_card("pm_card_visa")
    saved = yield call("payment_methods", "list", {"customer": customer, "type": "card"})
    assert [(method.id, method.card.last4) for method in saved.data] == [(card, "4242")]


def pay() -> Flow:
    customer, card = yield from _customer_with_card("pm_card_visa")
    intent = yield _payment(customer, card)
    assert (intent.status, intent.amount, intent.currency) == ("succeeded", 2000, "eur")
    same = yield call("payment_intents", "retrieve", intent.id)
    assert same.metadata["order"] == "1001"


def pay_in_two_steps() -> Flow:
    customer, card = yield from _customer_with_card("pm_card_visa")
    intent = yield _payment(customer, card, capture_method="manual")
    assert intent.status == "requires_capture"
    captured = yield call("payment_intents", "capture", intent.id)
    assert captured.status == "succeeded"


def declined_when_attached() -> Flow:
    customer = yield call("customers", "create", {"email": "bob@example.com"})
    with pytest.raises(stripe.CardError) as declined:
        yield call("payment_methods", "attach", "pm_card_visa_chargeDeclined", {"customer": customer.id})
    assert (declined.value.http_status, declined.value.code) == (402, "card_declined")


def declined_when_charged() -> Flow:
    customer, card = yield from _customer_with_card("pm_card_chargeCustomerFail")
    with pytest.raises(stripe.CardError) as declined:
        yield _payment(customer, card)
    assert (declined.value.http_status, declined.value.code) == (402, "card_declined")


def refund() -> Flow:
    customer, card = yield from _customer_with_card("pm_card_visa")
    intent = yield _payment(customer, card)
    part = yield call("refunds", "create", {"payment_intent": intent.id, "amount": 500})
    assert (part.status, part.amount) == ("succeeded", 500)
    refunds = yield call("refunds", "list", {"payment_intent": intent.id})
    assert [one.id for one in refunds.data] == [part.id]


def subscribe() -> Flow:
    customer, card = yield from _customer_with_card("pm_card_visa")
    yield call("customers", "update", customer, {"invoice_settings": {"default_payment_method": card}})
    plan = yield call(
        "plans", "create", {"amount": 1200, "currency": "eur", "interval": "month", "product": {"name": "Gold"}}
    )
    subscription = yield call("subscriptions", "create", {"customer": customer, "items": [{"plan": plan.id}]})
    assert subscription.status == "active"
    invoices = yield call("invoices", "list", {"customer": customer, "subscription": subscription.id})
    assert [(invoice.status, invoice.amount_due) for invoice in invoices.data] == [("paid", 1200)]
    cancelled = yield call("subscriptions", "cancel", subscription.id)
    assert cancelled.status == "canceled"


def list_pages() -> Flow:
    customer, card = yield from _customer_with_card("pm_card_visa")
    cards = {card}
    for _ in range(4):
        attached = yield call("payment_methods", "attach", "pm_card_visa", {"customer": customer})
        cards.add(attached.id)
    page = yield call("payment_methods", "list", {"customer": customer, "type": "card", "limit": 2})
    assert len(page.data) == 2
    found = yield Every(page)
    assert len(found) == 5
    assert {method.id for method in found} == cards


def fetch_nothing() -> Flow:
    with pytest.raises(stripe.InvalidRequestError) as unknown:
        yield call("customers", "retrieve", "cus_does_not_exist")
    assert unknown.value.http_status == 404


def _customer_with_card(kind: str) -> Generator[Call, Any, tuple[str, str]]:
    customer = yield call("customers", "create", {"email": "ann@example.com"})
    card = yield call("payment_methods", "attach", kind, {"customer": customer.id})
    assert card.customer == customer.id
    return customer.id, card.id


def _payment(customer: str, card: str, **more: Any) -> Call:
    amount = {"amount": 2000, "currency": "eur", "metadata": {"order": "1001"}}
    return call(
        "payment_intents", "create", {"customer": customer, "payment_method": card, "confirm": True, **amount, **more}
    )


FLOWS = (
    create_customer,
    attach_card,
    pay,
    pay_in_two_steps,
    declined_when_attached,
    declined_when_charged,
    refund,
    subscribe,
    list_pages,
    fetch_nothing,
)


@pytest.fixture
def connect(stripe_base: str, stripe_key: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., stripe.StripeClient]:
    # It would send an id and the operating system of whoever records.
    monkeypatch.setattr(stripe, "enable_telemetry", False)

    def client_over(http_client: stripe.HTTPClient) -> stripe.StripeClient:
        return stripe.StripeClient(
            stripe_key,
            stripe_version=API_VERSION,
            base_addresses={"api": stripe_base},
            max_network_retries=0,
            http_client=http_client,
        )

    return client_over


@pytest.mark.parametrize("flow", FLOWS)
def test_requests(flow: Callable[[], Flow], connect: Callable[..., stripe.StripeClient]) -> None:
    with closing(stripe.RequestsClient()) as http_client:
        play(flow(), connect(http_client))


@pytest.mark.parametrize("flow", FLOWS)
def test_httpx(flow: Callable[[], Flow], connect: Callable[..., stripe.StripeClient]) -> None:
    with closing(stripe.HTTPXClient(allow_sync_methods=True)) as http_client:
        play(flow(), connect(http_client))


@pytest.mark.parametrize("flow", FLOWS)
def test_httpx_async(flow: Callable[[], Flow], connect: Callable[..., stripe.StripeClient]) -> None:
    async def main() -> None:
        http_client = stripe.HTTPXClient()
        try:
            await play_async(flow(), connect(http_client))
        finally:
            await http_client.close_async()  # type: ignore[no-untyped-call] # the SDK leaves it so

    asyncio.run(main())


def play(flow: Flow, client: stripe.StripeClient) -> None:
    step: Step | None = next(flow)
    while step is not None:
        try:
            answer = step.run(client)
        except stripe.StripeError as error:
            step = _next(flow.throw, error)
        else:
            step = _next(flow.send, answer)


async def play_async(flow: Flow, client: stripe.StripeClient) -> None:
    step: Step | None = next(flow)
    while step is not None:
        try:
            answer = await step.run_async(client)
        except stripe.StripeError as error:
            step = _next(flow.throw, error)
        else:
            step = _next(flow.send, answer)


def _next(advance: Callable[[Any], Step], value: Any) -> Step | None:
    try:
        return advance(value)
    except StopIteration:
        return None


# The SDK cannot call without a key, so these do without the SDK.


def test_no_key_requests(stripe_base: str) -> None:
    answer = requests.get(f"{stripe_base}/v1/balance", timeout=10)
    _assert_unauthorized(answer.status_code, answer.json())


def test_no_key_httpx(stripe_base: str) -> None:
    answer = httpx.get(f"{stripe_base}/v1/balance")
    _assert_unauthorized(answer.status_code, answer.json())


def test_no_key_httpx_async(stripe_base: str) -> None:
    async def main() -> httpx.Response:
        async with httpx.AsyncClient() as client:
            return await client.get(f"{stripe_base}/v1/balance")

    answer = asyncio.run(main())
    _assert_unauthorized(answer.status_code, answer.json())


def _assert_unauthorized(status: int, content: Any) -> None:
    assert status == 401
    assert content["error"]["type"] == "invalid_request_error"
