"""The web server: requests in, recorded answers out, faults included.

It needs starlette and uvicorn, the extra ``serve``.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from typing import TYPE_CHECKING, Final

from starlette.requests import Request as IncomingRequest
from starlette.responses import Response as OutgoingResponse
from uvicorn import Config, Server
from uvicorn.protocols.http.h11_impl import H11Protocol

from undrift import body as bodies
from undrift.errors import BodyError
from undrift.fault import FaultKind
from undrift.model import Failure, Headers, Request, Response
from undrift.serve.answers import Outgoing, answer, refusal
from undrift.serve.player import Miss

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from undrift.fault import Fault, FaultPlan
    from undrift.serve.player import Player, Recorded

# Closing a socket that lingers for no time resets its connection.
_NO_LINGER: Final = struct.pack("ii", 1, 0)
_SHUTDOWN_SECONDS: Final = 1


class Replaying:
    """A server over one player; ``started`` is set when it answers, or never will."""

    def __init__(self, player: Player, plan: FaultPlan | None, url: str) -> None:
        self.started = threading.Event()
        self._player = player
        self._plan = plan
        self._url = url
        self._origins = player.origins
        self._answered = 0
        self._server = _Server(
            self.started,
            Config(
                self._application,
                interface="asgi3",
                http=_Protocol,
                proxy_headers=False,
                ws="none",
                lifespan="off",
                loop="asyncio",
                log_config=None,
                log_level="error",
                # The headers are the recorded ones.
                server_header=False,
                date_header=False,
                timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
            ),
        )

    def serve(self, listener: socket.socket) -> None:
        """Answer until told to stop."""
        try:
            self._server.run([listener])
        finally:
            self.started.set()

    def stop(self) -> None:
        """Tell the server to stop, from any thread."""
        self._server.should_exit = True

    async def _application(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = await _read(IncomingRequest(scope, receive))
        found = self._player.look_up(request)
        if isinstance(found, Miss):
            await _send(refusal(found, request), scope, receive, send)
            return
        fault = None if self._plan is None else self._plan.fault_for(self._answered)
        self._answered += 1
        if fault is None or fault.kind is FaultKind.DELAY:
            self._player.use(found)
        if fault is not None:
            await asyncio.sleep(fault.delay.total_seconds())
        response = self._response(found, fault)
        if response is None:
            await _reset(scope, receive)
            return
        outgoing = answer(response, request, self._origins, self._url)
        if fault is not None and fault.kind is FaultKind.TRUNCATE:
            await _send_torn(outgoing, fault, scope, receive, send)
        else:
            await _send(outgoing, scope, receive, send)

    @staticmethod
    def _response(found: Recorded, fault: Fault | None) -> Response | None:
        """What is to be answered; None for a connection that breaks."""
        if isinstance(found.outcome, Failure) or (fault is not None and fault.kind is FaultKind.RESET):
            return None
        return fault.answer() if fault is not None and fault.kind is FaultKind.STATUS else found.outcome


class _Server(Server):
    """A server that says when it has started; until then it cannot be stopped."""

    def __init__(self, started: threading.Event, config: Config) -> None:
        super().__init__(config)
        self._has_started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._has_started.set()


class _Protocol(H11Protocol):
    """HTTP/1.1, with the connection in reach of the application, so that it can break it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


async def _read(incoming: IncomingRequest) -> Request:
    headers = Headers.of((name.decode("latin-1"), value.decode("latin-1")) for name, value in incoming.headers.raw)
    scope = incoming.scope
    query = scope["query_string"].decode("latin-1")
    target = f"{scope['raw_path'].decode('latin-1')}{'?' * bool(query)}{query}"
    # Sent as to a proxy, a target is a whole URL (RFC 9112, section 3.2.2).
    url = f"http://{headers.get('Host') or ''}{target}" if target.startswith("/") else target
    content = await incoming.body()
    encoding = ", ".join(headers.get_all("Content-Encoding"))
    try:
        return Request(incoming.method, url, headers, bodies.decode(content, encoding), encoding)
    except BodyError:
        # It does not say the truth, and so is compared as it came.
        return Request(incoming.method, url, headers, content)


async def _send(outgoing: Outgoing, scope: Scope, receive: Receive, send: Send) -> None:
    response = OutgoingResponse(outgoing.content, outgoing.status)
    response.raw_headers = list(outgoing.headers)
    await response(scope, receive, send)


async def _send_torn(outgoing: Outgoing, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    if outgoing.content:
        kept = outgoing.content[: fault.kept_bytes(len(outgoing.content))]
        await send({"type": "http.response.start", "status": outgoing.status, "headers": list(outgoing.headers)})
        await send({"type": "http.response.body", "body": kept, "more_body": True})
        scope["state"]["transport"].close()
        await _disconnected(receive)
    else:
        # Of an answer without a body there is nothing to send but all of it or none.
        await _reset(scope, receive)


async def _reset(scope: Scope, receive: Receive) -> None:
    transport = scope["state"]["transport"]
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    transport.abort()
    await _disconnected(receive)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue
