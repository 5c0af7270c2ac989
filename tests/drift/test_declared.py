"""What is known to be new each time, in answers and in requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from undrift.drift import Comparison
    from undrift.model import Interaction

    Answer = Callable[..., Interaction]
    Told = Callable[[Comparison], list[tuple[str, str, str]]]
    Check = Callable[..., Comparison]


def test_what_a_service_makes_anew_is_noise_in_its_value_alone(check: Check, answer: Answer, told: Told) -> None:
    def seen(
        stored: str | None, fresh: str | None, mark: object = "plain", **context: Any
    ) -> list[tuple[str, str, str]]:
        sides = [
            answer({"mark": value}, headers=[] if header is None else [("X-Served", header)])
            for header, value in ((stored, "plain"), (fresh, mark))
        ]
        return told(check([sides[0]], [sides[1]], service_of=lambda _: "shop", **context))

    declared = {"noise": {"shop": frozenset({"x-served", "/mark"})}}
    assert seen("blue house", "green tree") == [("info", "header-changed", "x-served")]
    assert seen("blue house", "green tree", **declared) == []
    assert seen(None, None, "other words", **declared) == []
    assert seen("blue house", None, **declared) == [("risky", "header-removed", "x-served")]
    assert seen(None, None, 7, **declared) == [("breaking", "type-changed", "/mark")]
    assert seen("blue house", "green tree", noise={"other": frozenset({"x-served"})}) != []


FORM = (("Content-Type", "application/x-www-form-urlencoded"),)
OF_FORMS = {"sent_headers": FORM}


def upload(note: str, kind: str = "text/plain", boundary: str = "b") -> dict[str, Any]:
    """A request of two parts; clients make up a boundary for each."""
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\nContent-Type: {of}\r\n\r\n{value}\r\n'
        for name, of, value in (("title", "text/plain", "a red door"), ("note[1]", kind, note))
    ]
    body = f"{''.join(parts)}--{boundary}--\r\n".encode()
    return {"sent": body, "sent_headers": (("Content-Type", f"multipart/form-data; boundary={boundary}"),)}


@pytest.mark.parametrize(
    ("place", "stored", "fresh", "is_new"),
    [
        ("/note", {"sent": {"note": "blue house"}}, {"sent": {"note": "green tree"}}, True),
        ("/*/note", {"sent": [{"note": "blue house"}]}, {"sent": [{"note": "green tree"}]}, True),
        ("/other", {"sent": {"note": "blue house"}}, {"sent": {"note": "green tree"}}, False),
        ("note", {"sent": {"note": "blue house"}}, {"sent": {"note": "green tree"}}, False),
        ("/note", {"sent": {"note": "blue house"}}, {"sent": {"note": 7}}, False),
        ("/note", {"sent": {"note": "blue house", "a": 1}}, {"sent": {"a": 1}}, False),
        ("note", {"url": "https://a.test/b?note=blue+house"}, {"url": "https://a.test/b?note=green+tree"}, True),
        ("/*", {"url": "https://a.test/b?note=blue+house"}, {"url": "https://a.test/b?note=green+tree"}, False),
        ("c[note]", {"sent": b"c[note]=blue+house", **OF_FORMS}, {"sent": b"c[note]=green+tree", **OF_FORMS}, True),
        ("c", {"sent": b"c[note]=blue+house", **OF_FORMS}, {"sent": b"c[note]=green+tree", **OF_FORMS}, False),
        ("note[1]", upload("blue house"), upload("green tree", boundary="c"), True),
        ("note[1]", upload("blue house"), upload("green tree", "text/html"), False),
        ("title", upload("blue house"), upload("green tree"), False),
        ("content", upload("blue house"), upload("green tree"), False),
    ],
)
def test_what_is_said_to_be_new_in_each_request_is_no_client_drift(  # noqa: PLR0913, PLR0917 - builders, and a case
    check: Check,
    answer: Answer,
    place: str,
    stored: dict[str, Any],
    fresh: dict[str, Any],
    is_new: bool,  # noqa: FBT001 - as pytest hands it over
) -> None:
    both = [answer(method="POST", **stored)], [answer(method="POST", **fresh)]
    assert check(*both).findings
    seen = check(*both, service_of=lambda _: "shop", volatile={"shop": frozenset({place})})
    assert (seen.findings == ()) is is_new
    assert check(*both, service_of=lambda _: "other", volatile={"shop": frozenset({place})}).findings
