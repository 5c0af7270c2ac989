"""One request through each client, and all that its caller sees of the answer."""

from __future__ import annotations

import asyncio
import http.client
import io
import ssl
import urllib.error
import urllib.request
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import aiohttp
import httpx
import requests
import urllib3

from undrift import store
from undrift.engine import Deck, DeckOptions, Policy, deck_in_use
from undrift.scrub import Secrets, scrub

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@dataclass(frozen=True)
class Asked:
    """A request: what a client is told to do."""

    url: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    limit: float = 10


@dataclass(frozen=True)
class Seen:
    """An answer: what a client's caller can see."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    history: tuple[int, ...] = ()
    url: str = ""


def with_requests(asked: Asked) -> Seen:
    with requests.Session() as session:
        answer = session.request(
            asked.method, asked.url, headers=dict(asked.headers), data=asked.body, timeout=asked.limit
        )
    assert answer.elapsed.total_seconds() > 0
    raw: Any = answer.raw
    history = tuple(step.status_code for step in answer.history)
    return Seen(answer.status_code, answer.reason, tuple(raw.headers.items()), answer.content, history, answer.url)


def with_urllib3(asked: Asked) -> Seen:
    with urllib3.PoolManager() as pool:
        answer = pool.request(
            asked.method, asked.url, headers=dict(asked.headers), body=asked.body, timeout=asked.limit, retries=3
        )
        assert answer.retries is not None
        history = tuple(step.status or 0 for step in answer.retries.history)
        return Seen(answer.status, str(answer.reason), tuple(answer.headers.items()), answer.data, history)


@lru_cache(maxsize=1)
def trust() -> ssl.SSLContext:
    """One for all clients: httpx takes its time to make one for each."""
    return ssl.create_default_context()


def with_httpx(asked: Asked) -> Seen:
    with httpx.Client(verify=trust(), timeout=asked.limit) as client:
        return _of_httpx(
            client.request(
                asked.method, asked.url, headers=dict(asked.headers), content=asked.body, follow_redirects=True
            )
        )


def with_async_httpx(asked: Asked) -> Seen:
    async def ask() -> Seen:
        async with httpx.AsyncClient(verify=trust(), timeout=asked.limit) as client:
            return _of_httpx(
                await client.request(
                    asked.method, asked.url, headers=dict(asked.headers), content=asked.body, follow_redirects=True
                )
            )

    return asyncio.run(ask())


def _of_httpx(answer: httpx.Response) -> Seen:
    assert answer.elapsed.total_seconds() > 0
    fields = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers.raw)
    history = tuple(step.status_code for step in answer.history)
    return Seen(answer.status_code, answer.reason_phrase, fields, answer.content, history, str(answer.url))


def with_aiohttp(asked: Asked) -> Seen:
    async def ask() -> Seen:
        timeout = aiohttp.ClientTimeout(total=asked.limit)
        # It warns of large bodies that are not streams.
        body = io.BytesIO(asked.body) if asked.body and len(asked.body) > 2**20 else asked.body
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.request(asked.method, asked.url, headers=asked.headers, data=body) as answer,
        ):
            content = await answer.read()
        fields = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.raw_headers)
        history = tuple(step.status for step in answer.history)
        return Seen(answer.status, str(answer.reason), fields, content, history, str(answer.url))

    return asyncio.run(ask())


def with_urllib(asked: Asked) -> Seen:
    request = urllib.request.Request(  # noqa: S310 - a loopback address of ours
        asked.url, asked.body, dict(asked.headers), method=asked.method
    )
    try:
        with urllib.request.urlopen(request, timeout=asked.limit) as answer:  # noqa: S310 - as above
            return Seen(answer.status, answer.reason, tuple(answer.headers.items()), answer.read(), (), answer.url)
    except urllib.error.HTTPError as error:
        with error:
            return Seen(error.code, error.reason, tuple(error.headers.items()), error.read(), (), str(error.url))


def with_http_client(asked: Asked) -> Seen:
    parts = urlsplit(asked.url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=asked.limit)
    try:
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request(asked.method, target, asked.body, dict(asked.headers))
        answer = connection.getresponse()
        return Seen(answer.status, answer.reason, tuple(answer.getheaders()), answer.read())
    finally:
        connection.close()


def with_httplib2(asked: Asked) -> Seen:
    import httplib2

    with closing(httplib2.Http(timeout=asked.limit)) as client:
        answer, content = client.request(asked.url, asked.method, body=asked.body, headers=dict(asked.headers))
    history = () if answer.previous is None else (answer.previous.status,)
    return Seen(answer.status, answer.reason, tuple(answer.items()), content, history)


def with_botocore(asked: Asked) -> Seen:
    """What boto3 sends its requests with; it follows no redirect, and tries none again."""
    from botocore.awsrequest import AWSRequest
    from botocore.httpsession import URLLib3Session

    request = AWSRequest(asked.method, asked.url, dict(asked.headers), asked.body)
    session = URLLib3Session(timeout=asked.limit)
    try:
        answer = session.send(request.prepare())
        return Seen(answer.status_code, str(answer.raw.reason), tuple(answer.raw.headers.items()), answer.content)
    finally:
        session.close()


def with_tornado(asked: Asked, kind: str = "tornado.simple_httpclient.SimpleAsyncHTTPClient") -> Seen:
    from tornado.httpclient import HTTPRequest
    from tornado.httputil import HTTPHeaders
    from tornado.util import import_object

    async def ask() -> Seen:
        client = import_object(kind)(force_instance=True)
        request = HTTPRequest(
            asked.url, asked.method, HTTPHeaders(dict(asked.headers)), asked.body,
            request_timeout=asked.limit, allow_nonstandard_methods=True,
        )  # fmt: skip
        answer = await client.fetch(request, raise_error=False)
        if answer.code == 599 and answer.error is not None:
            raise answer.error
        assert answer.request_time is not None
        fields = tuple(answer.headers.get_all())
        return Seen(answer.code, str(answer.reason), fields, answer.body, (), answer.effective_url)

    return asyncio.run(ask())


CLIENTS: dict[str, Callable[[Asked], Seen]] = {
    "requests": with_requests,
    "urllib3": with_urllib3,
    "httpx": with_httpx,
    "async httpx": with_async_httpx,
    "aiohttp": with_aiohttp,
    "urllib": with_urllib,
    "http.client": with_http_client,
    "httplib2": with_httplib2,
    "tornado": with_tornado,
    "tornado over curl": partial(with_tornado, kind="tornado.curl_httpclient.CurlAsyncHTTPClient"),
}

NO_SECRETS = Secrets.named({})


def record(path: Path, act: Callable[[], Any]) -> Any:
    """Record what is done, and write it to a file."""
    deck = Deck(None, DeckOptions(policy=Policy.RECORD), path=str(path))
    with deck_in_use(deck):
        seen = act()
    store.write(path, scrub(deck.take(), NO_SECRETS), NO_SECRETS)
    return seen


def replay(path: Path, act: Callable[[], Any]) -> Any:
    """Do it again, played from the file: all of it, nothing else, and with nothing changed by playing."""
    before = path.read_bytes()
    cassette = store.read(path)
    deck = Deck(cassette, DeckOptions(guarded=True), path=str(path))
    with deck_in_use(deck):
        seen = act()
    assert deck.client_drift() == ()
    assert deck.refusals == []
    assert store.read(path) == cassette
    assert path.read_bytes() == before
    return seen
