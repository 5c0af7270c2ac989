"""Secrets that names tell, in every place of a message, and what is left as it was."""

from __future__ import annotations

import json

import pytest

from undrift.model import Cassette, Headers, Interaction, Request, Response
from undrift.scrub import SecretNames, Secrets, scrub

PASSWORD = "hunter-22-x"
TOKEN = "q7Zt0PxV4mLr9KbW2sYd"


def cleaned(body: str, media: str) -> str:
    exchange = Interaction(
        Request("POST", "https://api.test"), Response(200, "", Headers.of([("Content-Type", media)]), body.encode())
    )
    return scrub(Cassette((exchange,)), Secrets()).cassette.interactions[0].response.body.decode()


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("media", "body", "expected"),
    [
        ("application/json", '{"password": "hunter-22-x", "a":1}', '{"password": "<secret:password:1>", "a":1}'),
        ("application/json", '{"Password" : "hunter-22-x"}', '{"Password" : "<secret:password:1>"}'),
        (
            "application/json",
            '{"a":[{"api_keys":["k-123456","k-654321"]}]}',
            '{"a":[{"api_keys":["k-123456","k-654321"]}]}',
        ),
        (
            "application/json",
            '{"api_key":["k-123456","k-654321"]}',
            '{"api_key":["<secret:api_key:1>","<secret:api_key:2>"]}',
        ),
        (
            "application/json",
            '{"password": null, "pwd": "", "passwd": {}}',
            '{"password": null, "pwd": "", "passwd": {}}',
        ),
        ("application/json", '{"pin": 1, "password": 123456789}', '{"pin": 1, "password": "<secret:password:1>"}'),
        ("application/json", '{"password": 12}', '{"password": 12}'),
        (
            "application/json",
            '{"p": "{\\"password\\": \\"hunter-22-x\\"}"}',
            '{"p": "{\\"password\\": \\"<secret:password:1>\\"}"}',
        ),
        (
            "application/json",
            '[{"name": "password", "value": "hunter-22-x"}]',
            '[{"name": "password", "value": "<secret:password:1>"}]',
        ),
        ("application/json", '{"pass\\u0077ord": "hunter-22-x"}', '{"pass\\u0077ord": "<secret:password:1>"}'),
        (
            "application/x-ndjson",
            '{"a":1}\n{"client_secret":"abc-123-def"}\n',
            '{"a":1}\n{"client_secret":"<secret:client_secret:1>"}\n',
        ),
        (
            "text/event-stream",
            'data: {"access_token":"abc-123-def"}\n\n',
            'data: {"access_token":"<secret:access_token:1>"}\n\n',
        ),
        (FORM, "a=b&user%5Bpassword%5D=hunter-22-x&c=d", "a=b&user%5Bpassword%5D=%3Csecret%3Apassword%3A1%3E&c=d"),
        (FORM, "a=b&password=&c", "a=b&password=&c"),
        (FORM, 'p={"password":"hunter-22-x"}', "p=%7B%22password%22%3A%22%3Csecret%3Apassword%3A1%3E%22%7D"),
        (
            FORM,
            "u=https%3A//x.test/%3Fapi_key%3Dabc-123-def",
            "u=https%3A%2F%2Fx.test%2F%3Fapi_key%3D%253Csecret%253Aapi_key%253A1%253E",
        ),
        (
            "text/plain",
            "oauth_token=abc-123-def&oauth_token_secret=hunter-22-x",
            "oauth_token=%3Csecret%3Aoauth_token%3A1%3E&oauth_token_secret=%3Csecret%3Aoauth_token_secret%3A1%3E",
        ),
        (
            "application/xml",
            "<a><Password>hunter-22-x</Password></a>",
            "<a><Password>&lt;secret:password:1&gt;</Password></a>",
        ),
        (
            "application/xml",
            "<a><s:password xml:lang='x'> hunter-22-x </s:password></a>",
            "<a><s:password xml:lang='x'>&lt;secret:password:1&gt;</s:password></a>",
        ),
        ("application/xml", '<a password="hunter-22-x" b="c"/>', '<a password="&lt;secret:password:1&gt;" b="c"/>'),
        (
            "application/xml",
            "<a><password><![CDATA[hunter-22-x]]></password></a>",
            "<a><password><![CDATA[<secret:password:1>]]></password></a>",
        ),
        (
            "application/xml",
            '<set key="password" value="hunter-22-x"/>',
            '<set key="password" value="&lt;secret:password:1&gt;"/>',
        ),
        (
            "application/xml",
            '<set name="password">hunter-22-x</set>',
            '<set name="password">&lt;secret:password:1&gt;</set>',
        ),
        (
            "text/html",
            '<input type="hidden" name="csrf_token" value="abc-123-def">',
            '<input type="hidden" name="csrf_token" value="&lt;secret:csrf_token:1&gt;">',
        ),
        (
            "text/html",
            '<meta name="csrf-token" content="abc-123-def">',
            '<meta name="csrf-token" content="&lt;secret:csrf_token:1&gt;">',
        ),
        (
            "text/html",
            '<a href="/x?a=b&amp;api_key=abc-123-def">',
            '<a href="/x?a=b&amp;api_key=%3Csecret%3Aapi_key%3A1%3E">',
        ),
        (
            "text/plain",
            "see https://ann:hunter-22-x@db.test/x",
            "see https://%3Csecret%3Ausername%3A1%3E:%3Csecret%3Apassword%3A1%3E@db.test/x",
        ),
        ("text/plain", "git clone https://git@example.com/x", "git clone https://git@example.com/x"),
        ("image/png", '{"password": "hunter-22-x"}', '{"password": "hunter-22-x"}'),
        ("application/json", '{"half": {"password": "hunter-22-x"', '{"half": {"password": "<secret:password:1>"'),
        ("text/plain", "A password is no secret by itself: password", "A password is no secret by itself: password"),
    ],
)
def test_a_name_tells_the_secret_beside_it(media: str, body: str, expected: str) -> None:
    shown = cleaned(body, media)

    # Users of words are kept in addresses; whatever else the walk knows of a user it replaces.
    assert shown == expected.replace("%3Csecret%3Ausername%3A1%3E", "ann")


def test_parts_of_a_form_are_walked() -> None:
    def part(head: str, content: str) -> str:
        return f"--b\r\n{head}\r\n\r\n{content}\r\n"

    field = 'Content-Disposition: form-data; name="{}"'
    parts = [
        part(field.format("password"), PASSWORD),
        part(field.format("note"), "stays"),
        part(f"{field.format('settings')}\r\nContent-Type: application/json", f'{{"api_key": "{PASSWORD}"}}'),
        part(f"Content-Length: 11\r\n{field.format('pwd')}", PASSWORD),
        "--b--\r\n",
    ]

    shown = cleaned("".join(parts), "multipart/form-data; boundary=b")

    # One secret has one number, under the name that told it first.
    assert shown.count("<secret:password:1>") == 3
    assert 'name="note"\r\n\r\nstays\r\n' in shown
    assert "Content-Length: 19\r\n" in shown
    assert PASSWORD not in shown


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://api.test/?api_key=abc-123-def&x=1", "https://api.test/?api_key=%3Csecret%3Aapi_key%3A1%3E&x=1"),
        (
            "https://api.test/#access_token=abc-123-def",
            "https://api.test/#access_token=%3Csecret%3Aaccess_token%3A1%3E",
        ),
        ("https://ann:hunter-22-x@api.test/", "https://ann:%3Csecret%3Apassword%3A1%3E@api.test/"),
        (f"https://{TOKEN}@api.test/", "https://%3Csecret%3Atoken%3A1%3E@api.test/"),
        (f"https://{TOKEN}:x-oauth-basic@api.test/", "https://%3Csecret%3Atoken%3A1%3E:x-oauth-basic@api.test/"),
        ("https://api.test/?q=a@b.c&token=visa", "https://api.test/?q=a@b.c&token=visa"),
        (
            "https://s3.test/k?X-Amz-Credential=AKIA123456%2F20260101%2Feu%2Fs3&X-Amz-Signature=0f0f0f0f0f",
            (
                "https://s3.test/k?X-Amz-Credential=%3Csecret%3Ax_amz_credential%3A1%3E%2F20260101%2Feu%2Fs3"
                "&X-Amz-Signature=%3Csecret%3Ax_amz_signature%3A1%3E"
            ),
        ),
    ],
)
def test_parts_of_a_url_are_secret(url: str, expected: str) -> None:
    clean = scrub(Cassette((Interaction(Request("GET", url), Response(200)),)), Secrets()).cassette

    assert clean.interactions[0].request.url == expected


def test_a_redirect_s_target_is_a_url() -> None:
    headers = Headers.of([("Location", f"https://app.test/cb?code={TOKEN}&state=x"), ("X-Plain", "a=b")])

    clean = scrub(Cassette((Interaction(Request("GET", "https://id.test"), Response(302, "", headers)),)), Secrets())

    told = clean.cassette.interactions[0].response.headers
    assert told.get("Location") == "https://app.test/cb?code=%3Csecret%3Acode%3A1%3E&state=x"
    assert told.get("X-Plain") == "a=b"


def test_a_service_s_own_names_count_too() -> None:
    own = Secrets(names=SecretNames.DEFAULT | SecretNames(fields=frozenset({"shopPin"})))
    body = b'{"shop_pin": "abc-123-def", "pin": "abc-123-xyz"}'
    exchange = Interaction(Request("POST", "https://api.test", body=body), Response(200))

    clean = scrub(Cassette((exchange,)), own).cassette.interactions[0].request.body

    assert json.loads(clean) == {"shop_pin": "<secret:shop_pin:1>", "pin": "abc-123-xyz"}
