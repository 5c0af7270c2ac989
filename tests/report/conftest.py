"""A realistic night, built once for all renderers, and reports made by somebody hostile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pytest
from hypothesis import strategies as st

from undrift.drift.results import (
    Attribution,
    CassetteResult,
    CouldNotCheck,
    FailOn,
    Finding,
    Kind,
    Occurrence,
    Reason,
    Report,
    RulesUsed,
    Run,
    Severity,
    Verdict,
    Where,
)

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

CUSTOMER = "cassettes/tests/test_customers/test_customer.yaml"
PAYMENT = "cassettes/tests/test_checkout/test_payment.yaml"
DECLINED = "cassettes/tests/test_checkout/test_declined.yaml"
REFUND = "cassettes/tests/test_refunds/test_refund.yaml"
BALANCE = "cassettes/tests/test_balance/test_balance.yaml"
GET_CUSTOMER = "GET /v1/customers/{id}"


class MakeFinding(Protocol):
    """Makes a finding of the endpoint ``"GET /v1/…"``; what is not said is as in most findings."""

    def __call__(self, severity: Severity, kind: Kind, path: str = "", **rest: Any) -> Finding: ...


class MakeReport(Protocol):
    """Makes a report of a check of 12 cassettes; what is not said is as in an empty one."""

    def __call__(self, *findings: Finding, command: str = "check", **rest: Any) -> Report: ...


def _where(kind: Kind) -> Where:
    word = kind.partition("-")[0]
    named = {"status": Where.STATUS, "header": Where.HEADER, "deprecation": Where.HEADER}
    return named.get(word, Where.REQUEST if word in {"request", "interaction"} else Where.BODY)


def _finding(severity: Severity, kind: Kind, path: str = "", **rest: Any) -> Finding:
    method, _, endpoint = rest.pop("at", GET_CUSTOMER).partition(" ")
    facts: dict[str, Any] = {
        "where": _where(kind),
        "service": "stripe",
        "stored": None,
        "fresh": None,
        "occurrences": (Occurrence(rest.pop("cassette", CUSTOMER), 3, 3, path.replace("*", "0")),),
    }
    return Finding(severity, kind, method=method, endpoint=endpoint, path=path, **(facts | rest))


def _report(*findings: Finding, command: str = "check", **rest: Any) -> Report:
    run = Run("2026-11-20T02-00-00Z-7f3a", "2026-11-20T02:00:00Z", command)
    facts: dict[str, Any] = {"fail_on": FailOn.BREAKING, "checked_cassettes": 12, "checked_interactions": 140}
    return Report("0.1.0", run, findings=findings, **(facts | rest))


@pytest.fixture(scope="session")
def make_finding() -> MakeFinding:
    return _finding


@pytest.fixture(scope="session")
def make_report() -> MakeReport:
    return _report


def _breaking() -> tuple[Finding, ...]:
    stale = {"attribution": Attribution.STALE_MOCK, "confirmed": True}
    brands = tuple(Occurrence(CUSTOMER, 3 + at, 3 + at, f"/sources/data/{at}/brand") for at in range(3))
    return (
        _finding(
            Severity.BREAKING,
            Kind.FIELD_REMOVED,
            "/sources/data/*/brand",
            stored="Visa",
            occurrences=brands,
            story=("The field was in all 9 answers that history holds.",),
            **stale,
        ),
        _finding(Severity.BREAKING, Kind.TYPE_CHANGED, "/account_balance", stored=0, fresh="0", **stale),
        _finding(
            Severity.BREAKING,
            Kind.REQUEST_CHANGED,
            "/amount",
            stored="2000",
            fresh="2500",
            at="POST /v1/payment_intents",
            cassette=PAYMENT,
        ),
    )


def _risky() -> tuple[Finding, ...]:
    return (
        _finding(
            Severity.RISKY,
            Kind.VALUE_CHANGED,
            "/status",
            stored="requires_source",
            fresh="requires_payment_method",
            at="GET /v1/payment_intents/{id}",
            cassette=PAYMENT,
            confirmed=True,
            attribution=Attribution.BROKEN_BY_DRIFT,
        ),
        _finding(
            Severity.RISKY,
            Kind.DEPRECATION_ANNOUNCED,
            "sunset",
            fresh="Sat, 01 May 2027 00:00:00 GMT",
            at="GET /v1/payment_intents/{id}",
            cassette=PAYMENT,
            confirmed=True,
            attribution=Attribution.STALE_MOCK,
        ),
        _finding(
            Severity.RISKY,
            Kind.STATUS_CHANGED,
            stored=402,
            fresh=400,
            at="POST /v1/charges",
            cassette=DECLINED,
            confirmed=False,
        ),
    )


def _harmless() -> tuple[Finding, ...]:
    stale = {"attribution": Attribution.STALE_MOCK, "confirmed": True}
    settings = {"custom_fields": None, "default_payment_method": None, "footer": "Thanks <3 | `bye`"}
    return (
        _finding(Severity.ADDITIVE, Kind.FIELD_ADDED, "/tax_exempt", fresh="none", **stale),
        _finding(Severity.ADDITIVE, Kind.FIELD_ADDED, "/invoice_settings", fresh=settings, **stale),
        *(
            _finding(Severity.INFO, Kind.VALUE_CHANGED, f"/metadata/{name}", stored="a", fresh="b")
            for name in "abcdefghijkl"
        ),
    )


@pytest.fixture(scope="session")
def night() -> Report:
    """What a bad night finds of Stripe's API: something of everything."""
    return _report(
        *_breaking(),
        *_risky(),
        *_harmless(),
        cassettes=(
            CassetteResult(CUSTOMER, "tests/test_customers.py::test_customer", "passed", Verdict.BREAKING),
            CassetteResult(PAYMENT, "tests/test_checkout.py::TestCheckout::test_payment", "failed", Verdict.BREAKING),
            CassetteResult(DECLINED, "tests/test_checkout.py::test_declined", "passed", Verdict.RISKY),
            CassetteResult(REFUND, "tests/test_refunds.py::test_refund[a::b/c]", "failed", Verdict.FAILED),
        ),
        could_not_check=(
            CouldNotCheck(
                BALANCE,
                "tests/test_balance.py::test_balance",
                Reason.NO_CREDENTIAL,
                "STRIPE_TEST_KEY is in neither the environment nor .env.test.",
            ),
            *(
                CouldNotCheck(
                    f"cassettes/tests/test_mail/test_{name}.yaml",
                    f"tests/test_mail.py::test_{name}",
                    Reason.CONNECTION_REFUSED,
                    "127.0.0.1:8420 refused the connection.",
                )
                for name in ("send", "bounce")
            ),
        ),
        noise=412,
        failed_tests=1,
        rules=RulesUsed(
            used=("stripe GET /v1/balance /available value-changed",),
            unused=("stripe GET /v1/events * value-changed",),
            expired=("stripe GET /v1/customers/{id} /livemode value-changed",),
        ),
    )


def _values() -> SearchStrategy[Any]:
    scalars = (
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text(st.characters())
        | st.binary(max_size=40)
        | st.sampled_from([-(10**700), 10**630, "\x1b]0;owned\x07", "<script>|`</code>", "a\u202eb"])
    )
    return st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)


@pytest.fixture(scope="session")
def hostile_values() -> SearchStrategy[Any]:
    """Whatever an answer may hold, and more."""
    return _values()


@pytest.fixture(scope="session")
def hostile_reports() -> SearchStrategy[Report]:
    """Reports in which everything that may come from outside is as bad as can be."""
    name = st.text(max_size=20) | st.sampled_from(["\x1b[2J", "]]>", "a|b", "``", "<b>", "\\", "\r\n", "/a b/*"])
    text = name | st.text(st.characters(), max_size=20)
    cassette = st.sampled_from(["a.yaml", "x/a.yaml", ""]) | text
    finding = st.builds(
        Finding,
        st.sampled_from(Severity),
        st.sampled_from(Kind),
        st.sampled_from(Where),
        name,
        name,
        name,
        name,
        _values(),
        _values(),
        st.lists(st.builds(Occurrence, cassette, st.integers(-1, 3), st.integers(-1, 3), text), max_size=3).map(tuple),
        st.none() | st.booleans(),
        st.sampled_from(Attribution),
        st.lists(text, max_size=2).map(tuple),
    )
    rules = st.lists(text, max_size=2).map(tuple)
    could_not = st.builds(CouldNotCheck, cassette, st.none() | text, st.sampled_from(Reason), text)
    result = st.builds(CassetteResult, cassette, st.none() | text, text, st.sampled_from(Verdict))
    return st.builds(
        Report,
        text,
        st.builds(Run, text, text, st.sampled_from(["check", "diff"]) | text),
        st.sampled_from(FailOn),
        st.lists(finding, max_size=4).map(tuple),
        st.lists(result, max_size=3).map(tuple),
        st.lists(could_not, max_size=3).map(tuple),
        st.integers(0, 3),
        st.integers(0, 2000),
        st.integers(0, 2),
        st.integers(0, 2),
        st.builds(RulesUsed, rules, rules, rules),
    )
