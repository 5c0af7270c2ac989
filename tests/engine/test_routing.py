from __future__ import annotations

import asyncio
import contextvars
import gc
import queue
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from multiprocessing.pool import ThreadPool
from typing import TYPE_CHECKING, Any, cast

import pytest

from undrift.engine import Deck, DeckOptions, deck_in_use, interception
from undrift.engine.routing import current_deck
from undrift.errors import StrayRequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def deck(path: str = "cassettes/one.yaml") -> Deck:
    return Deck(None, DeckOptions(), path=path)


def in_a_thread() -> list[Deck | None]:
    seen: list[Deck | None] = []
    thread = threading.Thread(target=lambda: seen.append(current_deck()), daemon=True)
    thread.start()
    thread.join()
    return seen


def test_no_deck_is_open() -> None:
    assert current_deck() is None


def test_the_innermost_deck_is_the_current_one() -> None:
    opened = []
    with deck_in_use(deck()) as outer, deck_in_use(deck()) as inner:
        assert current_deck() is inner
        assert in_a_thread() == [inner]
        opened += [outer.is_open, inner.is_open]
    opened += [outer.is_open, inner.is_open]
    assert opened == [True, True, False, False]
    assert current_deck() is None


def test_tasks_belong_to_the_deck_they_were_started_under() -> None:
    async def both() -> list[Deck | None]:
        async def late() -> Deck | None:
            await asyncio.sleep(0)
            return current_deck()

        with deck_in_use(deck()) as first:
            one = asyncio.create_task(late())
            with deck_in_use(deck()) as second:
                other = asyncio.create_task(late())
                found = list(await asyncio.gather(one, other))
        assert found == [first, second]
        return found

    assert len(asyncio.run(both())) == 2


def test_a_request_after_its_test_is_over_is_refused() -> None:
    async def forgotten() -> None:
        async def later() -> None:
            await asyncio.sleep(0)
            current_deck()

        with deck_in_use(deck("cassettes/over.yaml")):
            task = asyncio.create_task(later())
        await task

    with pytest.raises(StrayRequestError) as caught:
        asyncio.run(forgotten())
    assert str(caught.value) == (
        "A request was made after the test that it belongs to was over (cassette cassettes/over.yaml). "
        "Wait for tasks and threads before the test ends."
    )


def test_a_deck_may_be_left_from_another_context_than_entered() -> None:
    opened = deck_in_use(deck())
    contextvars.copy_context().run(opened.__enter__)
    opened.__exit__(None, None, None)
    assert current_deck() is None


def seen_by(deck_of: Callable[[], object]) -> str:
    """Whose a request would be: the path of its deck, or how it is refused."""
    try:
        found = deck_of()
    except StrayRequestError as error:
        return str(error)
    return "nobody's" if found is None else cast("Deck", found).path


@contextmanager
def older_thread() -> Iterator[Callable[[], str]]:
    """A thread that was there before any deck, and asks when told to."""
    asked: queue.Queue[bool] = queue.Queue()
    answers: queue.Queue[str] = queue.Queue()

    def work() -> None:
        while asked.get():
            answers.put(seen_by(current_deck))

    thread = threading.Thread(target=work)
    thread.start()

    def ask() -> str:
        asked.put(True)  # noqa: FBT003 - that there is work
        return answers.get()

    yield ask
    asked.put(False)  # noqa: FBT003 - that there is none
    thread.join()


def test_a_thread_older_than_any_deck_belongs_to_the_only_open_one() -> None:
    with interception(), older_thread() as ask:
        assert ask() == "nobody's"
        with deck_in_use(deck("a.yaml")):
            assert ask() == "a.yaml"
            with deck_in_use(deck("b.yaml")) as inner:
                assert ask().startswith(
                    "A request was made by a thread that belongs to none of the 2 cassettes in use (a.yaml, b.yaml)."
                )
                assert [type(refusal) for refusal in inner.refusals] == [StrayRequestError]
        assert ask() == "nobody's"


def test_a_thread_belongs_to_the_deck_it_was_started_under() -> None:
    with interception(), older_thread() as ask, deck_in_use(deck("a.yaml")), older_thread() as of_a:
        with deck_in_use(deck("b.yaml")):
            assert of_a() == "a.yaml"
            # One thread starts another.
            assert in_a_thread()[0] is not None
        assert (ask(), of_a()) == ("a.yaml", "a.yaml")


@pytest.mark.parametrize("is_kept", [True, False])
def test_a_thread_whose_test_is_over_is_refused(is_kept: bool) -> None:  # noqa: FBT001 - a case
    with interception(), ExitStack() as threads:
        with deck_in_use(deck("a.yaml")) as over:
            ask = threads.enter_context(older_thread())
        gone = weakref.ref(over)
        kept = over if is_kept else None
        del over
        gc.collect()
        assert (gone() is None) is not is_kept, "a thread keeps no deck alive"
        with deck_in_use(deck("b.yaml")):
            assert ask().startswith("A request was made after the test that it belongs to was over (cassette a.yaml).")
        assert kept is None or len(kept.refusals) == 1


POOLS: dict[str, Callable[[Any, Callable[[], str]], str]] = {
    "submit": lambda pools, ask: str(pools[0].submit(ask).result()),
    "map": lambda pools, ask: next(pools[0].map(lambda _: ask(), [1])),
    "apply": lambda pools, ask: str(pools[1].apply(ask)),
    "apply_async": lambda pools, ask: str(pools[1].apply_async(func=ask).get()),
    "map of threads": lambda pools, ask: str(pools[1].map(lambda _: ask(), [1])[0]),
    "imap": lambda pools, ask: str(next(pools[1].imap(lambda _: ask(), [1]))),
    "imap_unordered": lambda pools, ask: str(next(pools[1].imap_unordered(lambda _: ask(), [1]))),
}


@pytest.mark.parametrize("how", POOLS)
def test_a_call_given_to_an_older_pool_belongs_to_the_deck_it_was_given_under(how: str) -> None:
    def ask() -> str:
        return seen_by(current_deck)

    with interception(), ThreadPoolExecutor(1) as executor, ThreadPool(1) as threads:
        pools = (executor, threads)
        with deck_in_use(deck("a.yaml")):
            assert POOLS[how](pools, ask) == "a.yaml"
            with deck_in_use(deck("b.yaml")):
                assert POOLS[how](pools, ask) == "b.yaml"
        # Its thread was started under a deck that is closed now; the call was not.
        assert POOLS[how](pools, ask) == "nobody's"


def test_a_loop_in_a_thread_of_its_own_plays_from_the_deck_of_whoever_asks_it() -> None:
    async def ask() -> str:
        return seen_by(current_deck)

    loop = asyncio.new_event_loop()
    with interception():
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        with deck_in_use(deck("a.yaml")), deck_in_use(deck("b.yaml")):
            assert asyncio.run_coroutine_threadsafe(ask(), loop).result() == "b.yaml"
            assert asyncio.run(asyncio.to_thread(seen_by, current_deck)) == "b.yaml"
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
    loop.close()
