"""A Stripe stand-in on this machine: localstripe, on 127.0.0.1 alone, with its state in memory.

    python sandbox_server.py [--port PORT]

Run it with the Python of an environment that has localstripe. It prints its address once it
listens, and ends when its standard input does (Ctrl-D in a terminal) or on Ctrl-C, so that
whoever starts it through a pipe leaves no server behind, however they end.

localstripe's own command listens on every interface and keeps its state in a file in the
temporary directory; this does neither.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import sys
import threading

from aiohttp import web
from localstripe.resources import Store
from localstripe.server import app

HOST = "127.0.0.1"


def main() -> None:
    parser = argparse.ArgumentParser(description="A Stripe stand-in on this machine.")
    parser.add_argument("--port", type=int, default=0, help="the port; a free one if not given")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(parser.parse_args().port))


async def serve(port: int) -> None:
    # Each of its writes would pickle the whole state to one file that all servers share.
    Store.dump_to_disk = lambda _store: None
    stop = asyncio.Event()
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, HOST, port).start()
    sys.stdout.write(f"http://{HOST}:{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    loop = asyncio.get_running_loop()
    threading.Thread(target=wait_for_end_of_input, args=(loop, stop), daemon=True).start()
    await stop.wait()
    await runner.cleanup()


def wait_for_end_of_input(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    # os.read, since a daemon thread must not hold the lock of sys.stdin when Python ends.
    with contextlib.suppress(OSError):
        while os.read(0, 4096):
            pass
    # Python may have ended in the meantime, by Ctrl-C, and the loop with it.
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(stop.set)


if __name__ == "__main__":
    main()
