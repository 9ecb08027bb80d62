"""The one way out: every byte to Entra, ARM, Resource Graph and Foundry goes through `Transport`, the SDKs' included.

It sets timeouts and deadlines, trust and proxies, retries little and politely, never follows a redirect, and refuses to
send a token to a host that is not the right Azure host for the token's audience.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import TYPE_CHECKING

from doctor.azure import own_secrets
from doctor.azure.bounds import Allowance, TooMuch, check_json
from doctor.azure.clouds import PUBLIC
from doctor.azure.deadline import Deadline
from doctor.azure.errors import NoAnswer
from doctor.azure.exchange_log import ExchangeLog
from doctor.azure.failures import ended, problem_of, too_late
from doctor.azure.request import Job, Wanted, Way, build
from doctor.azure.route import Route
from doctor.azure.waiting import Overdue, bounded, retry_after
from doctor.azure.wire import Fault, Reply, WireFault
from doctor.model.exchange import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from doctor.azure.clouds import Cloud
    from doctor.azure.connect_to import Rule
    from doctor.azure.tape import Recorder
    from doctor.azure.token import Token
    from doctor.azure.wire import Wire
    from doctor.model.exchange import Exchange

ATTEMPTS = 3
LONGEST_WAIT = 30.0
ISSUER_SECONDS = 3.0
_TOKEN_PLANES = {"entra", "imds"}


class Transport:
    """The connections of one run, shared by its threads."""

    def __init__(
        self,
        *,
        cloud: Cloud = PUBLIC,
        deadline: Deadline | None = None,
        connect_to: Iterable[Rule] = (),
        ca_file: str | None = None,
        allow_hosts: Iterable[str] = (),
        environ: Mapping[str, str] | None = None,
        sleep: Callable[[float], object] | None = None,
        wire: Wire | None = None,
        at_once: int = 12,
        record: Recorder | None = None,
    ) -> None:
        """Prepare; nothing is sent and no network library is loaded yet.

        Args:
            cloud: whose hosts may see which token.
            deadline: of the run.
            connect_to: where connections go instead.
            ca_file: certificates to trust beside the system's.
            allow_hosts: further hosts that may see a token.
            environ: environment variables; the process's own by default.
            sleep: waits so many seconds between two attempts; by default until then or until `close`.
            wire: carries the requests; by default the network.
            at_once: the most requests that are under way at a time.
            record: keeps every exchange, name and issuer.

        Raises:
            BadTrust: `ca_file` cannot be used; see `doctor.azure.trust`.
        """
        self.cloud = cloud
        self._turns = threading.BoundedSemaphore(at_once)
        self._deadline = deadline or Deadline(float("inf"))
        self._way = Way(cloud, tuple(connect_to), os.environ if environ is None else environ, tuple(allow_hosts))
        self._closed = threading.Event()
        self._sleep = sleep or self._closed.wait
        self._log = ExchangeLog()
        self._lock = threading.Lock()
        self._record = record
        self._wire: Wire | None = record.over(wire) if record and wire else wire
        self._allowance = Allowance()
        own_secrets.of_environment(self._way.environ)
        self._ca_file = ca_file
        self._issuers: dict[tuple[str, int], str] = {}
        self.notes: tuple[str, ...] = ()
        """What is worth knowing about trust: environment variables that name nothing readable."""
        if ca_file:
            self._open()

    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        *,
        plane: str = "",
        token: Token | None = None,
        audience: str = "",
        retry: bool | None = None,
        timeout: float | None = None,
        connect_timeout: float | None = None,
        stream_limit: int | None = None,
    ) -> Answer:
        """Send one request and wait for the answer, whatever its status.

        Args:
            method: HTTP method.
            url: absolute URL.
            headers: request headers; an Authorization header among them is checked like `token`.
            body: request body.
            plane: `entra`, `arm`, `foundry`, `imds` or `other`; found out from the host when empty.
            token: sent as bearer token.
            audience: audience of an opaque token in `headers`.
            retry: whether asking twice is harmless; by default it is for GET, HEAD and OPTIONS.
            timeout: seconds that the request may take from beginning to end (15), cut by the deadline.
            connect_timeout: seconds to wait for the connection (10), cut by the same.
            stream_limit: bytes of body that suffice; an answer that has more is `truncated`.

        Raises:
            NoAnswer: no answer came or more than Azure ever sends, or the token was not allowed to go there.
        """
        if self._closed.is_set():
            raise NoAnswer(ended())
        sent = dict(headers or {})
        if token:
            sent["Authorization"] = f"Bearer {token.value}"
        wanted = Wanted(plane, token.audience if token else audience, retry, timeout, connect_timeout, stream_limit)
        job = build(method, url, sent, body, way=self._way, wanted=wanted, allowance=self._allowance)
        own_secrets.of_request(url, sent, body)
        return self._attempts(job)

    def route(self, host: str, port: int = 443) -> Route:
        """Where a connection to this host and port really goes: by a rule, through a proxy, or directly."""
        return self._way.route("https", host, port)

    def resolve(self, host: str, port: int = 443, seconds: float = 5.0) -> tuple[str, ...]:
        """The addresses that a connection to this host goes to, in the resolver's order.

        Where a `--connect-to` rule applies, they are those of the rule's destination (`route` says so). A proxy is
        not looked at: behind one, the proxy resolves the name.

        Raises:
            NoAnswer: the name has no address, or the lookup took too long.
        """
        route = self.route(host, port)
        direct = Route(route.host, port, route.to_host, route.to_port, route.rule)

        wire = self._open()
        try:
            return bounded(lambda: wire.addresses(route.host, port), min(seconds, self.remaining()), "resolve")
        except Overdue:
            raise NoAnswer(too_late(direct)) from None
        except WireFault as fault:
            raise NoAnswer(problem_of(fault, direct)) from fault

    def remaining(self) -> float:
        """Seconds left of the run."""
        return self._deadline.remaining()

    def exchanges(self) -> tuple[Exchange, ...]:
        """Every attempt so far."""
        return self._log.lines()

    def write_down_again(self, lines: Iterable[Exchange]) -> None:
        """Count what a recording says was asked, though it is not asked now."""
        self._log.add_again(lines)

    def by_host(self) -> Mapping[str, int]:
        """How many requests went to which host."""
        return self._log.by_host()

    def prepare(self) -> None:
        """Load the HTTP library and the certificates to trust before the first request. Nothing is sent."""
        self._open()

    def close(self) -> None:
        """Close every connection; whatever would be sent later is refused, and no retry is waited for."""
        self._closed.set()
        with self._lock:
            if self._wire:
                self._wire.close()

    def _attempts(self, job: Job) -> Answer:
        """Ask, and ask again where that is harmless and the time allows it."""
        attempt = 1
        while True:
            try:
                answer = self._once(job, attempt)
            except WireFault as fault:
                if attempt > 1 or not _worth_another(fault, job):
                    raise self._no_answer(fault, job.route) from fault
                wait = 0.2
            else:
                pause = self._pause(answer, job, attempt)
                if pause is None:
                    return answer
                wait = pause
            self._sleep(min(wait, self.remaining()))
            attempt += 1

    def _pause(self, answer: Answer, job: Job, attempt: int) -> float | None:
        """Seconds to wait before asking again, or None when this answer is to be taken."""
        if not job.again or answer.status not in {429, 503} or attempt >= ATTEMPTS:
            return None
        asked = retry_after(answer.headers)
        wait = 0.5 * 2**attempt if asked is None else asked
        # An answer that comes too late helps less than the refusal that is here already.
        return wait if wait <= LONGEST_WAIT and wait * 1.25 + 0.5 < self.remaining() else None

    def _once(self, job: Job, attempt: int) -> Answer:
        """One attempt, when it is its turn."""
        if not self._turns.acquire(timeout=min(self.remaining(), threading.TIMEOUT_MAX)):
            raise NoAnswer(too_late(job.route))
        try:
            return self._sent(job, attempt)
        finally:
            self._turns.release()

    def _sent(self, job: Job, attempt: int) -> Answer:
        left = self.remaining()
        if left <= 0:
            raise NoAnswer(too_late(job.route))
        wire, reply, started, began = self._open(), Reply(), self._log.now_ms(), time.monotonic()
        request = job.request(left)
        fault: WireFault | None = None
        try:
            bounded(lambda: wire.exchange(request, reply), request.read, "request")
            check_json(reply.body, self._allowance)
            if job.plane not in {"arm", "foundry"}:
                own_secrets.of_answer(reply.body)
            if job.plane in _TOKEN_PLANES:
                _check_no_page(reply)
        except Overdue:
            reply.abandoned = True
            reply.truncated = True
            if reply.status is None or request.bounds.enough is None:
                fault = WireFault(Fault.TIMEOUT, "no answer within the time")
                problem = too_late(job.route) if request.read >= left else problem_of(fault, job.route)
                raise NoAnswer(problem) from None
        except TooMuch as much:
            fault = WireFault(Fault.TOO_MUCH, str(much), sent=True)
            raise fault from much
        except WireFault as raised:
            fault = raised
            raise
        finally:
            self._write_down(job, reply, started, fault, attempt)
            if self._record:
                self._record.took(request, reply, fault, time.monotonic() - began)
        return _answer(job, reply, began)

    def _write_down(self, job: Job, reply: Reply, started: int, fault: WireFault | None, attempt: int) -> None:
        answer = _answer(job, reply, 0.0)
        if fault is None:
            error = ""
        else:
            error = "timed out" if fault.fault is Fault.TIMEOUT else f"{fault.fault.value}: {fault.detail}"
        self._log.add(
            method=job.method,
            url=job.url,
            plane=job.plane,
            started_ms=started,
            status=reply.status,
            request_id=answer.request_id,
            error=error,
            attempt=attempt,
            audience=job.audience,
        )

    def _no_answer(self, fault: WireFault, route: Route) -> NoAnswer:
        issuer = self._issuer(route) if fault.fault is Fault.UNTRUSTED else ""
        return NoAnswer(problem_of(fault, route, issuer))

    def _issuer(self, route: Route) -> str:
        """Who issued the certificate that was not trusted; asked once per host."""
        key = (route.host, route.port)
        if key not in self._issuers:
            seconds = min(ISSUER_SECONDS, self.remaining())
            wire = self._open()
            try:
                self._issuers[key] = bounded(lambda: wire.issuer(*key, seconds), seconds, "issuer")
            except Overdue:
                self._issuers[key] = ""
        return self._issuers[key]

    def _open(self) -> Wire:
        """The wire, opened at the first request: httpx costs a tenth of a second to import.

        Raises:
            NoAnswer: the run has ended.
        """
        with self._lock:
            if self._closed.is_set():
                raise NoAnswer(ended())
            if self._wire is None:
                # httpx would load its own command line, and with it rich and pygments: more than all the rest.
                sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
                from doctor.azure.live import LiveWire  # noqa: PLC0415 - loads httpx
                from doctor.azure.trust import build_context  # noqa: PLC0415 - loads ssl

                context, self.notes = build_context(self._ca_file, self._way.environ)
                live = LiveWire(context, self._way.rules, self._way.environ)
                self._wire = self._record.over(live) if self._record else live
            return self._wire


def _check_no_page(reply: Reply) -> None:
    """Refuse a page for a person, which no endpoint that gives tokens sends but when it is down.

    Raises:
        WireFault: it is one.
    """
    is_html = "html" in reply.headers.get("content-type", "").lower() or reply.body[:200].lstrip()[:1] == b"<"
    if is_html and (reply.status or 0) < 500:
        raise WireFault(Fault.NOT_HTTP, "a web page came instead of a token", sent=True)


def _worth_another(fault: WireFault, job: Job) -> bool:
    """Whether a second attempt may do better and cannot do harm."""
    return (fault.passing and not job.local) or (job.again and fault.fault is Fault.DROPPED)


def _answer(job: Job, reply: Reply, began: float) -> Answer:
    return Answer(
        method=job.method,
        url=job.url,
        status=reply.status or 0,
        headers=reply.headers,
        body=reply.body[: job.bounds.enough],
        elapsed_ms=int((time.monotonic() - began) * 1000),
        truncated=reply.truncated,
    )
