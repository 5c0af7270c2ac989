"""One contender at work: reads jobs from standard input, a line of JSON each, and answers in kind.

It runs in the environment of one contender, and keeps running, so that rounds of several can be
interleaved without paying for their imports again. A job is named by a function below and its
arguments; the answer is what the function gives. Seconds are those of the processor, so that
what else the machine does counts for little.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
import tracemalloc
from contextlib import contextmanager, nullcontext
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.traffic import BODY, FIELDS, url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Asking: TypeAlias = Callable[[Sequence[int]], float]


def opened(who: str, path: str) -> Any:
    """A cassette in use, as the contender's users would have it; nothing for the floor."""
    if who == "undrift":
        from undrift import use_cassette

        return use_cassette(path, mode="replay", client_drift="ignore")
    if who == "vcrpy":
        import vcr

        return vcr.use_cassette(path, record_mode="none")
    if who == "cassetter":
        import cassetter

        return cassetter.use_cassette(path, record_mode="none")
    return nullcontext()


def requesting(client: str, who: str, path: str, numbers: Sequence[int], turns: int) -> float:
    """Seconds that one request takes, of those with such numbers, in each of ``turns`` uses of a cassette.

    The first request of each use is not counted: with it the cassette is taken in.
    """
    spent = 0.0
    with CLIENTS[client](is_floor=who == "floor") as ask:
        for _ in range(turns):
            with opened(who, path):
                spent += ask(numbers)
    return spent / (turns * (len(numbers) - 1))


@contextmanager
def with_httpx(*, is_floor: bool) -> Iterator[Asking]:
    import httpx

    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers=FIELDS, content=BODY)

    with httpx.Client(transport=httpx.MockTransport(answer) if is_floor else None) as client:
        yield partial(timed, lambda number: client.get(url(number)).json())


@contextmanager
def with_requests(*, is_floor: bool) -> Iterator[Asking]:
    import requests
    from requests.adapters import BaseAdapter

    class ReadyAdapter(BaseAdapter):
        """Answers with a response that costs nothing but making it."""

        def send(self, request: requests.PreparedRequest, *_args: Any, **_kwargs: Any) -> requests.Response:
            response = requests.Response()
            response.status_code = 200
            response.headers.update(FIELDS)
            response._content = BODY  # noqa: SLF001 - the floor is what it costs to have a response at all
            response.url = str(request.url)
            response.request = request
            return response

        def close(self) -> None:
            """There is nothing to close."""

    with requests.Session() as session:
        if is_floor:
            session.mount("https://", ReadyAdapter())
        yield partial(timed, lambda number: session.get(url(number)).json())


@contextmanager
def with_urllib3(*, is_floor: bool) -> Iterator[Asking]:
    import urllib3

    assert not is_floor

    with urllib3.PoolManager() as pool:
        yield partial(timed, lambda number: pool.request("GET", url(number)).json())


@contextmanager
def with_aiohttp(*, is_floor: bool) -> Iterator[Asking]:
    import aiohttp

    assert not is_floor

    async def all_of_them(numbers: Sequence[int]) -> float:
        async with aiohttp.ClientSession() as session:

            async def one(number: int) -> None:
                async with session.get(url(number)) as response:
                    await response.json()

            await one(numbers[0])
            started = time.process_time()
            for number in numbers[1:]:
                await one(number)
            return time.process_time() - started

    yield lambda numbers: asyncio.run(all_of_them(numbers))


@contextmanager
def with_boto3(*, is_floor: bool) -> Iterator[Asking]:
    import boto3
    from botocore.awsrequest import AWSResponse
    from botocore.config import Config

    class Ready(BytesIO):
        """A body as urllib3 hands it out."""

        def stream(self, **_: Any) -> Iterator[bytes]:
            yield self.read()

    def answer(request: Any, **_: Any) -> Any:
        return AWSResponse(request.url, 200, dict(FIELDS), Ready(BODY))

    service = boto3.client(
        "s3",
        endpoint_url="https://api.example.com",
        region_name="us-east-1",
        aws_access_key_id="AKIA0000",
        aws_secret_access_key="none",  # noqa: S106 - nobody asks for it
        config=Config(s3={"addressing_style": "path"}),
    )
    if is_floor:
        service.meta.events.register("before-send.s3", answer)
    yield partial(timed, lambda number: service.get_object(Bucket="v1", Key=f"customers/{number}")["Body"].read())


def timed(request: Callable[[int], object], numbers: Sequence[int]) -> float:
    """Seconds for all requests but the first."""
    request(numbers[0])
    started = time.process_time()
    for number in numbers[1:]:
        request(number)
    return time.process_time() - started


def loading(who: str, path: str) -> float:
    """Seconds to load a cassette with nothing cached; PyYAML just parses it."""
    load = LOADERS[who](path)
    gc.collect()
    started = time.process_time()
    kept = load()
    spent = time.process_time() - started
    del kept
    return spent


def load_undrift(path: str) -> Any:
    from undrift.store import read

    return lambda: read(Path(path))


def load_cached(path: str) -> Any:
    from undrift.store import read
    from undrift.store.cache import Cache
    from undrift.store.workspace import Workspace

    cache = Cache(Workspace(Path(path).parent), "benchmark")
    read(Path(path), cache)
    return lambda: read(Path(path), cache)


def load_pyyaml(path: str) -> Any:
    import yaml

    text = Path(path).read_text("utf-8")
    return lambda: yaml.load(text, Loader=yaml.CSafeLoader)


def load_cassetter(path: str) -> Any:
    import cassetter

    cassette = cassetter.Cassette(path)
    return cassette.load


def kept_bytes(path: str) -> list[int]:
    """What loading a cassette keeps in memory: parsed, and from the cache."""
    return [_kept(load(path)) for load in (load_undrift, load_cached)]


def _kept(load: Any) -> int:
    load()
    gc.collect()
    tracemalloc.start()
    try:
        kept = load()
        gc.collect()
        current, _ = tracemalloc.get_traced_memory()
        del kept
        return current
    finally:
        tracemalloc.stop()


def peak_bytes(path: str) -> int:
    """The most memory in use while a large body is replayed from the cache."""
    import httpx

    from undrift import use_cassette

    def replay() -> None:
        with use_cassette(path, mode="replay"), httpx.Client() as client:
            client.get(url(0)).content.__len__()

    replay()
    gc.collect()
    tracemalloc.start()
    try:
        replay()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


CLIENTS = {
    "httpx": with_httpx,
    "requests": with_requests,
    "urllib3": with_urllib3,
    "aiohttp": with_aiohttp,
    "boto3": with_boto3,
}
LOADERS = {"undrift": load_undrift, "cached": load_cached, "PyYAML": load_pyyaml, "cassetter": load_cassetter}
JOBS = {job.__name__: job for job in (requesting, loading, kept_bytes, peak_bytes)}


def main() -> None:
    for line in sys.stdin:
        name, arguments = json.loads(line)
        print(json.dumps(JOBS[name](*arguments)), flush=True)


if __name__ == "__main__":
    main()
