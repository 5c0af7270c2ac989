"""What the shortcut at botocore's session gives is what the whole way down gives."""

from __future__ import annotations

import io
from typing import Any

import pytest
from tests.engine.decks import whole_way

from undrift.engine import Deck, DeckOptions, deck_in_use
from undrift.errors import AnswersUsedUpError, NearMissError
from undrift.model import Cassette, Failure, Headers, Interaction, Request, Response

awsrequest = pytest.importorskip("botocore.awsrequest")
httpsession = pytest.importorskip("botocore.httpsession")
session = pytest.importorskip("botocore.session")
exceptions = pytest.importorskip("botocore.exceptions")


pytestmark = pytest.mark.usefixtures("intercepted")

URL = "https://s3.example.com/things/a%20b?list-type=2&prefix=x"
STS = "https://sts.us-east-1.amazonaws.com/"
WHO = b"Action=GetCallerIdentity&Version=2011-06-15"
ANSWER = (
    b"<GetCallerIdentityResponse><GetCallerIdentityResult><Account>1</Account></GetCallerIdentityResult>"
    b"</GetCallerIdentityResponse>"
)
RESPONSES = [
    Response(200, "OK", Headers.of([("X-Amz-Id", "1"), ("x-amz-id", "2"), ("Content-Length", "4")]), b"text"),
    Response(200, "OK", Headers.of([("Content-Encoding", "gzip")]), b"text", "gzip"),
    Response(200, "OK", Headers.of([("Set-Cookie", "a=b"), ("Transfer-Encoding", "chunked")]), b"parts"),
    Response(204, "No Content"),
    Response(404, "Not Found", Headers.of([("Content-Type", "application/xml")]), b"<Error/>"),
]


def playing(*responses: Response, request: Request | None = None) -> Deck:
    asked = Request("GET", URL) if request is None else request
    return Deck(Cassette(tuple(Interaction(asked, response) for response in responses)), DeckOptions())


def sent(chosen: Any = None, *, method: str = "GET", **options: Any) -> Any:
    request = awsrequest.AWSRequest(method=method, url=URL, **options).prepare()
    return (chosen or httpsession.URLLib3Session()).send(request)


@pytest.mark.parametrize("is_streamed", [True, False])
@pytest.mark.parametrize("response", RESPONSES, ids=lambda response: f"{response.status}{response.encoding}")
def test_nothing_is_seen_of_the_shortcut(response: Response, sent_below: list[str], *, is_streamed: bool) -> None:
    seen = []
    for is_whole in (True, False):
        with whole_way(chosen=is_whole), deck_in_use(playing(response)):
            answer = sent(stream_output=is_streamed)
        raw = answer.raw
        seen.append(
            (
                raw.tell(),
                raw.closed,
                # Packed anew, both hold the same; when they were packed stands in the packed bytes.
                b"" if response.encoding else raw.read(2) + answer.content,
                answer.status_code,
                list(answer.headers.items()),
                list(raw.headers.items()),
                answer.url,
                raw.reason,
                raw.geturl(),
                raw.retries.total,
                raw.version,
            )
        )
    assert seen[0] == seen[1]
    assert sent_below == [URL]


def test_a_path_that_is_empty_is_asked_for_as_a_slash() -> None:
    seen = []
    for is_whole in (True, False):
        asked = Request("GET", "https://s3.example.com")
        with whole_way(chosen=is_whole), deck_in_use(playing(RESPONSES[0], request=asked)):
            prepared = awsrequest.AWSRequest(method="GET", url=asked.url).prepare()
            seen.append(httpsession.URLLib3Session().send(prepared).raw.geturl())
    assert seen == ["/", "/"]


class Changed(httpsession.URLLib3Session):  # type: ignore[misc,name-defined] # of a package without types
    """What it changes, nobody knows."""


@pytest.mark.parametrize(
    ("chosen", "options", "is_short"),
    [
        (None, {}, True),
        (httpsession.URLLib3Session(proxies={"http": "http://127.0.0.1:9"}), {}, True),
        (httpsession.URLLib3Session(proxies={"https": "http://127.0.0.1:9"}), {}, False),
        (Changed(), {}, False),
        (None, {"data": b"bytes"}, True),
        (None, {"data": io.BytesIO(b"bytes")}, False),
        (None, {"data": bytearray(b"bytes")}, False),
        (None, {"data": "bytes"}, True),
        (None, {"data": "bytes", "headers": {"Content-Type": b"text/plain"}}, True),
    ],
)
def test_only_the_usual_is_cut_short(
    chosen: Any, options: dict[str, Any], sent_below: list[str], *, is_short: bool
) -> None:
    fields = Headers.of([("Content-Type", "text/plain")] if "headers" in options else [])
    asked = Request("GET", URL, fields, b"bytes" if "data" in options else b"")
    with deck_in_use(playing(RESPONSES[0], request=asked)):
        assert sent(chosen, **options).content == b"text"
    assert bool(sent_below) is not is_short


def test_a_session_without_what_tells_of_proxies_goes_the_whole_way(sent_below: list[str]) -> None:
    chosen = httpsession.URLLib3Session()
    # As another version may have it.
    chosen._proxy_config, proxies = None, chosen._proxy_config
    with deck_in_use(playing(RESPONSES[0])), pytest.raises(exceptions.HTTPClientError):
        sent(chosen)
    chosen._proxy_config = proxies
    assert sent_below == []


def test_failures_and_refusals_are_raised_as_they_were(sent_below: list[str]) -> None:
    failing = Deck(Cassette(failures=(Failure(0, Request("GET", URL), "timeout", "slow"),)), DeckOptions())
    with deck_in_use(failing), pytest.raises(exceptions.ReadTimeoutError):
        sent()
    deck = playing(RESPONSES[0])
    with deck_in_use(deck):
        assert sent().content == b"text"
        for data in (b"", b"other"):
            with pytest.raises(exceptions.HTTPClientError):
                sent(data=data)
    used_up, missed = deck.refusals
    assert isinstance(used_up, AnswersUsedUpError)
    assert isinstance(missed, NearMissError)
    assert sent_below == [URL] * 3


def test_without_a_deck_it_is_as_if_nothing_were_there() -> None:
    refused = awsrequest.AWSRequest(method="GET", url="http://127.0.0.1:9/").prepare()
    with pytest.raises(exceptions.EndpointConnectionError):
        httpsession.URLLib3Session().send(refused)


def test_retries_replay_as_the_retries_that_they_were(monkeypatch: pytest.MonkeyPatch, sent_below: list[str]) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    fields = Headers.of([("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")])
    deck = playing(
        Response(503, "Busy"),
        Response(503, "Busy"),
        Response(200, "OK", body=ANSWER),
        request=Request("POST", STS, fields, WHO),
    )
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    client = session.Session().create_client("sts", "us-east-1", endpoint_url=STS, **keys)
    with deck_in_use(deck):
        answer = client.get_caller_identity()
    assert answer["Account"] == "1"
    assert answer["ResponseMetadata"]["RetryAttempts"] == 2
    assert sent_below == []
