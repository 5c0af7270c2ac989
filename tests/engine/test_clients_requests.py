"""What the shortcut at requests' adapter gives is what the whole way down gives."""

from __future__ import annotations

import io
from typing import Any

import pytest
import requests
import urllib3
from requests.adapters import HTTPAdapter
from tests.engine.decks import whole_way

from undrift.engine import Deck, DeckOptions, Policy, deck_in_use
from undrift.errors import AnswersUsedUpError, NearMissError
from undrift.model import Cassette, Failure, Headers, Interaction, Request, Response

pytestmark = pytest.mark.usefixtures("intercepted")

URL = "https://api.example.com/v1/things"
TEXT = bytes(range(256)) * 100
FIELDS = Headers.of(
    [
        ("content-TYPE", "application/json; charset=utf-8"),
        ("Set-Cookie", "one=1; Path=/"),
        ("X-Twice", "a"),
        ("Set-Cookie", "two=2"),
        ("x-twice", "b"),
    ]
)


def playing(response: Response, *, method: str = "GET", url: str = URL, times: int = 1, **options: Any) -> Deck:
    return Deck(Cassette((Interaction(Request(method, url), response),) * times), DeckOptions(**options))


RESPONSES = [
    Response(200, "OK", FIELDS, TEXT, "", "HTTP/1.1"),
    Response(200, "OK", FIELDS, TEXT, "gzip", "HTTP/1.1"),
    Response(200, "Very well", Headers.of([("Transfer-Encoding", "chunked")]), b"parts", "", "HTTP/1.0"),
    Response(204, "No Content"),
    Response(404, "", Headers.of([("Content-Length", "4")]), b"gone"),
    Response(503, "Busy", Headers.of([("Retry-After", "1")]), b"later"),
]
RESPONSES[1] = Response(200, "OK", Headers.of([*FIELDS, ("Content-Encoding", "gzip")]), TEXT, "gzip", "HTTP/1.1")


def everything(answer: requests.Response, content: bytes) -> tuple[Any, ...]:
    raw: Any = answer.raw
    return (
        content,
        answer.status_code,
        answer.reason,
        list(answer.headers.items()),
        list(raw.headers.items()),
        answer.cookies.get_dict(),
        answer.encoding,
        answer.url,
        answer.elapsed.total_seconds() > 0,
        answer.history,
        raw.version,
        raw.version_string,
        raw.reason,
        raw.geturl(),
        raw.tell(),
        raw.closed,
        raw.retries.total,
        raw.data,
        list(raw.stream(decode_content=True)),
        type(answer.connection),
    )


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("response", RESPONSES, ids=lambda response: f"{response.status}{response.encoding}")
def test_nothing_is_seen_of_the_shortcut(response: Response, method: str, sent_below: list[str]) -> None:
    seen = []
    for is_whole in (True, False):
        with (
            whole_way(chosen=is_whole),
            deck_in_use(playing(response, method=method, times=4, url=f"{URL}?a=1")),
            requests.Session() as session,
        ):
            ask: dict[str, Any] = {"method": method, "url": f"{URL}?a=1", "timeout": 5}
            whole = session.request(**ask)
            streamed = session.request(**ask, stream=True)
            part = streamed.raw.read(3)
            some = session.request(**ask, stream=True)
            first = next(some.iter_content(100), b"")
            some.close()
            bare = session.request(**ask, stream=True)
            seen.append(
                (
                    everything(whole, whole.content),
                    part + b"".join(streamed.raw.stream(1000, decode_content=False))
                    if not response.encoding
                    else len(part),
                    first,
                    list(some.raw.stream(decode_content=True)),
                    [len(piece) for piece in bare.raw.stream(10_000, decode_content=True)],
                    session.cookies.get_dict(),
                )
            )
    assert seen[0] == seen[1]
    assert len(sent_below) == 4


def unpacked_by_hand(raw: Any) -> Any:
    raw.decode_content = True
    return raw.read()


def left_half_way(raw: Any) -> Any:
    first = next(raw.stream(100))
    return first, raw.tell(), raw.closed, raw.read(50), list(raw.stream(20_000)), raw.tell(), raw.closed


def streamed_twice(raw: Any) -> Any:
    return b"".join(raw.stream()), raw.tell(), list(raw.stream()), raw.read(), raw.isclosed(), raw.data


def read_by_the_library(raw: Any) -> Any:
    return io.BufferedReader(raw).read(), raw.closed


def closed_first(raw: Any) -> Any:
    raw.close()
    return raw.closed, list(raw.stream()), raw.read()


def asked_for_what_is_not_there(raw: Any) -> Any:
    return hasattr(raw, "no_such_thing"), hasattr(raw, "_undrift_body"), raw.status, raw.getheader("x-twice")


@pytest.mark.parametrize("response", RESPONSES[:3], ids=lambda response: f"{response.status}{response.encoding}")
@pytest.mark.parametrize(
    "way",
    [
        unpacked_by_hand,
        left_half_way,
        streamed_twice,
        read_by_the_library,
        closed_first,
        asked_for_what_is_not_there,
    ],
)
def test_what_lies_below_the_response_may_be_read_in_any_way(way: Any, response: Response) -> None:
    seen = []
    for is_whole in (True, False):
        with whole_way(chosen=is_whole), deck_in_use(playing(response)):
            raw = requests.get(URL, stream=True, timeout=5).raw
            try:
                seen.append(way(raw))
            except ValueError as error:  # of what was closed
                seen.append(str(error))
    assert seen[0] == seen[1]


def test_an_unknown_attribute_is_named() -> None:
    with deck_in_use(playing(RESPONSES[0])):
        raw: Any = requests.get(URL, timeout=5).raw
        with pytest.raises(AttributeError, match="no_such_thing"):
            raw.no_such_thing  # noqa: B018 - asking is the point


def test_events_come_one_by_one() -> None:
    events = Response(200, "OK", Headers.of([("Content-Type", "text/event-stream")]), b"data: 1\n\ndata: 2\n\n")
    with deck_in_use(playing(events)):
        answer = requests.get(URL, stream=True, timeout=5)
        assert list(answer.raw.stream(1000)) == [b"data: 1\n\n", b"data: 2\n\n"]


class Overriding(HTTPAdapter):
    def add_headers(self, request: requests.PreparedRequest, **_: Any) -> None:
        request.headers["X-Added"] = "yes"


class Harmless(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:
        response = super().build_response(req, resp)
        response.reason = "changed here"
        return response


@pytest.mark.parametrize(
    ("adapter", "is_short"),
    [
        (HTTPAdapter(), True),
        (Harmless(), True),
        (Overriding(), False),
        (HTTPAdapter(max_retries=2), False),
        (HTTPAdapter(max_retries=urllib3.Retry(0, status_forcelist=[200])), False),
    ],
)
def test_what_is_done_below_the_adapter_is_still_done(adapter: Any, sent_below: list[str], *, is_short: bool) -> None:
    with deck_in_use(playing(RESPONSES[0])), requests.Session() as session:
        session.mount("https://", adapter)
        try:
            answer = session.get(URL, timeout=5)
        except requests.exceptions.RetryError:
            assert adapter.max_retries.status_forcelist
        else:
            assert answer.reason == ("changed here" if isinstance(adapter, Harmless) else "OK")
            assert answer.raw.retries == adapter.max_retries
    assert bool(sent_below) is not is_short


@pytest.mark.parametrize(
    ("options", "is_short"),
    [
        ({"timeout": None}, True),
        ({"timeout": (1, 2.5)}, True),
        ({"verify": False}, True),
        ({"verify": __file__}, True),
        ({"proxies": {"no": "localhost"}}, True),
        ({"proxies": {"https": "http://127.0.0.1:9"}}, False),
        ({"timeout": urllib3.Timeout(3)}, False),
        ({"cert": __file__}, False),
        ({"data": iter([b"a", b"b"])}, False),
        ({"data": io.BytesIO(b"file")}, False),
        ({"data": "text"}, True),
        ({"headers": {"Content-Type": b"text/plain"}}, False),
        ({"headers": {"Content-Encoding": "gzip"}, "data": b"no gzip"}, False),
    ],
)
def test_only_the_usual_is_cut_short(options: dict[str, Any], sent_below: list[str], *, is_short: bool) -> None:
    bodies = {"data": (b"text", b"ab", b"file", b"no gzip")}
    content = bodies["data"] if "data" in options else (b"",)
    type_ = options.get("headers", {}).get("Content-Type", b"").decode()
    fields = Headers.of([("Content-Type", type_)] if type_ else [])
    recorded = [Request("GET", URL, fields, body) for body in content]
    deck = Deck(Cassette(tuple(Interaction(request, RESPONSES[0]) for request in recorded)), DeckOptions())
    with deck_in_use(deck), requests.Session() as session:
        assert session.get(URL, **options).status_code == 200
    assert bool(sent_below) is not is_short
    assert deck.client_drift() == tuple(drift for drift in deck.client_drift() if drift.sent is None)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"timeout": -1}, ValueError),
        ({"timeout": (1, 2, 3)}, ValueError),
        ({"verify": "/no/such/bundle"}, OSError),
        ({"cert": "/no/such/certificate"}, OSError),
    ],
)
def test_what_the_client_refuses_live_it_refuses_in_replay(options: dict[str, Any], expected: type[Exception]) -> None:
    with deck_in_use(playing(RESPONSES[0])), requests.Session() as session, pytest.raises(expected):
        session.get(URL, **options)


def test_headers_that_somebody_put_in_another_mapping_go_the_whole_way(sent_below: list[str]) -> None:
    with deck_in_use(playing(RESPONSES[0])), requests.Session() as session:
        prepared = requests.Request("GET", URL).prepare()
        prepared.headers = {"X-One": "1"}  # type: ignore[assignment] # users do
        assert session.send(prepared).status_code == 200
    assert sent_below == [URL]


def test_failures_and_refusals_are_raised_as_they_were(sent_below: list[str]) -> None:
    failing = Deck(Cassette(failures=(Failure(0, Request("GET", URL), "timeout", "slow"),)), DeckOptions())
    with deck_in_use(failing), pytest.raises(requests.exceptions.ReadTimeout):
        requests.get(URL, timeout=5)
    with deck_in_use(playing(RESPONSES[0])):
        requests.get(URL, timeout=5)
        with pytest.raises(AnswersUsedUpError):
            requests.get(URL, timeout=5)
        with pytest.raises(NearMissError):
            requests.get(f"{URL}?other=1", timeout=5)
    assert sent_below == [URL, URL, f"{URL}?other=1"]


def test_a_fragment_and_a_default_port_make_no_difference() -> None:
    with deck_in_use(playing(RESPONSES[0], times=2)):
        assert requests.get(f"{URL}#part", timeout=5).url == f"{URL}#part"
        assert requests.get(URL.replace(".com", ".com:443"), timeout=5).status_code == 200


def test_recording_is_never_cut_short() -> None:
    deck = Deck(None, DeckOptions(policy=Policy.RECORD))
    assert deck.ready("GET", URL, (), b"") is None
