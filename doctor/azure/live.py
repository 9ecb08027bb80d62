"""The live wire, bytes out and in: the one module that knows httpx.

One `httpx.Client` over HTTP/1.1 is shared by all threads. Each host that `--connect-to` sends elsewhere has a pool of
its own, so that a connection whose certificate was verified for one name is never used for another.
"""

from __future__ import annotations

import logging
import socket
import ssl
import threading
import zlib
from contextlib import closing, suppress
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Any

import httpx

from doctor.azure import own_secrets
from doctor.azure.bounds import TooMuch, check_headers, unpack
from doctor.azure.connect_to import rule_for
from doctor.azure.proxies import proxy_for
from doctor.azure.wire import Fault, WireFault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doctor.azure.connect_to import Rule
    from doctor.azure.wire import Reply, Request

_PORTS = {"https": 443, "http": 80}
_LIMITS = httpx.Limits(max_connections=64, max_keepalive_connections=64, keepalive_expiry=60)


class LiveWire:
    """The connections of a run."""

    def __init__(self, context: ssl.SSLContext, rules: tuple[Rule, ...], environ: Mapping[str, str]) -> None:
        # Both libraries would log URLs with their queries, and at debug level the headers with their tokens.
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._router = _Router(context, rules, environ)
        self._closed = False
        nothing_kept = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
        self._client = httpx.Client(
            transport=self._router, cookies=nothing_kept, follow_redirects=False, trust_env=False, timeout=30.0
        )

    def exchange(self, request: Request, reply: Reply) -> None:
        """Send the request and fill the reply; a body that breaks off is `truncated`.

        Raises:
            WireFault: no answer came, or more than Azure ever sends.
        """
        built = self._built(request)
        built.extensions["trace"] = lambda event, _info: self._may_go_on(event, reply)
        try:
            response = self._client.send(built, stream=True)
        except httpx.HTTPError as error:
            raise _fault(error) from error
        except (ImportError, ValueError, RuntimeError) as error:
            raise WireFault(Fault.CLOSED if self._closed else Fault.PROXY, str(error)) from error
        with closing(response):
            try:
                _take(response, reply, request)
            except (httpx.HTTPError, zlib.error):
                reply.truncated = True
            except TooMuch as error:
                raise WireFault(Fault.TOO_MUCH, str(error), sent=True) from error

    def _built(self, request: Request) -> httpx.Request:
        timeout = httpx.Timeout(request.read, connect=request.connect, pool=request.read)
        headers = {"Accept-Encoding": "gzip, deflate", **request.headers}
        try:
            built = self._client.build_request(
                request.method, request.url, headers=headers, content=request.body, timeout=timeout
            )
        except (httpx.InvalidURL, UnicodeError) as error:
            raise WireFault(Fault.NOT_HTTP, f"the address is no URL: {error}") from error
        if (built.url.host.strip("[]"), built.url.port or _PORTS.get(built.url.scheme)) != (request.host, request.port):
            # Two readings of one address are how a token gets to a host that nobody checked.
            raise WireFault(Fault.NOT_HTTP, "the address can be read in two ways")
        return built

    def _may_go_on(self, event: str, reply: Reply) -> None:
        """Stop in the last moment before anything is sent, when the run or the wait for this answer is over."""
        if event.endswith("send_request_headers.started") and (self._closed or reply.abandoned):
            raise WireFault(Fault.CLOSED, "the run has ended")

    def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """The addresses of a name, or of where a rule sends it, in the resolver's order.

        Raises:
            WireFault: there are none.
        """
        if rule := rule_for(self._router.rules, host, port):
            host, port = rule.to_host or host, rule.to_port or port
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise WireFault(Fault.DNS, getattr(error, "strerror", None) or str(error)) from error
        return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))

    def issuer(self, host: str, port: int, seconds: float) -> str:
        """Who issued the certificate that this host presents, or "": a handshake that verifies and sends nothing."""
        blind = ssl.create_default_context()
        blind.check_hostname = False
        blind.verify_mode = ssl.CERT_NONE
        router = _Router(blind, self._router.rules, self._router.environ)
        seen: list[bytes] = []

        def watch(event: str, info: dict[str, Any]) -> None:
            if event.endswith("start_tls.complete"):
                stream = info["return_value"]
                seen.append(stream.get_extra_info("ssl_object").getpeercert(True) or b"")
                stream.close()
                raise _SeenEnough

        literal = f"[{host}]" if ":" in host else host
        limits = {"connect": seconds, "read": seconds, "write": seconds, "pool": seconds}
        request = httpx.Request("HEAD", f"https://{literal}:{port}/", extensions={"trace": watch, "timeout": limits})
        # The handshake is all that is wanted; without one there is simply no issuer to name.
        with closing(router), suppress(_SeenEnough, httpx.HTTPError):
            router.handle_request(request).close()
        return _issuer_name(seen[-1]) if seen else ""

    def close(self) -> None:
        """Close every connection; nothing is sent any more."""
        self._closed = True
        self._client.close()


class _SeenEnough(Exception):  # noqa: N818 - ends the handshake on purpose
    pass


class _Router(httpx.BaseTransport):
    """Chooses the pool of a request: direct, through a proxy, or to where a rule sends it."""

    def __init__(self, context: ssl.SSLContext, rules: tuple[Rule, ...], environ: Mapping[str, str]) -> None:
        self.rules = rules
        self.environ = environ
        self._context = context
        self._pools: dict[tuple[str, str, int], httpx.HTTPTransport] = {}
        self._lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        scheme, host = request.url.scheme, request.url.host.strip("[]")
        port = request.url.port or (443 if scheme == "https" else 80)
        if rule := rule_for(self.rules, host, port):
            literal = rule.to_host or host
            url = request.url.copy_with(host=f"[{literal}]" if ":" in literal else literal, port=rule.to_port or port)
            routed = httpx.Request(
                request.method,
                url,
                headers=request.headers,  # with the Host header of the original URL
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": host},
            )
            return self._pool("", host, port).handle_request(routed)
        return self._pool(proxy_for(scheme, host, self.environ), "", 0).handle_request(request)

    def _pool(self, proxy: str, host: str, port: int) -> httpx.HTTPTransport:
        key = (proxy, host, port)
        with self._lock:
            if key not in self._pools:
                self._pools[key] = httpx.HTTPTransport(
                    verify=self._context, trust_env=False, limits=_LIMITS, proxy=proxy or None
                )
            return self._pools[key]

    def close(self) -> None:
        with self._lock:
            for pool in self._pools.values():
                pool.close()


def _take(response: httpx.Response, reply: Reply, request: Request) -> None:
    """Fill the reply, within its bounds; what is not kept is given back to the run's allowance."""
    bounds = request.bounds
    check_headers(response.headers.raw)
    own_secrets.of_cookies(response.headers.get_list("set-cookie"))
    reply.headers = {name.lower(): value for name, value in response.headers.items() if "cookie" not in name}
    reply.status = response.status_code
    size = 0
    try:
        for piece in unpack(response.iter_raw(), reply.headers, bounds.of_status(response.status_code)):
            size += len(piece)
            bounds.allowance.take(len(piece))
            reply.chunks.append(piece)
            if reply.abandoned or (bounds.enough is not None and size > bounds.enough):
                reply.truncated = True
                return
    except TooMuch:
        reply.chunks.clear()
        bounds.allowance.take(-size)
        raise


def _fault(error: httpx.HTTPError) -> WireFault:  # noqa: PLR0911 - a table of faults
    root = _deepest(error)
    if isinstance(error, (httpx.ProxyError, httpx.UnsupportedProtocol)):
        return WireFault(Fault.PROXY, str(error))
    if isinstance(root, (socket.gaierror, ssl.SSLError)):
        return _name_or_tls_fault(root)
    if isinstance(error, httpx.ConnectTimeout):
        return WireFault(Fault.CONNECT_TIMEOUT, "no connection within the time")
    if isinstance(error, httpx.ConnectError):
        return WireFault(Fault.REFUSED, str(root) or str(error), passing=True)
    if isinstance(error, httpx.TimeoutException):
        return WireFault(Fault.TIMEOUT, "no answer within the time", sent=True)
    if isinstance(error, httpx.RemoteProtocolError) and "disconnected" not in str(error):
        return WireFault(Fault.NOT_HTTP, str(error), sent=True)
    return WireFault(Fault.DROPPED, str(root) or str(error), sent=True)


def _name_or_tls_fault(root: socket.gaierror | ssl.SSLError) -> WireFault:
    if isinstance(root, socket.gaierror):
        again = root.errno == getattr(socket, "EAI_AGAIN", None)
        return WireFault(Fault.DNS, root.strerror or str(root), passing=again)
    if isinstance(root, ssl.SSLCertVerificationError):
        return WireFault(Fault.UNTRUSTED, root.verify_message, code=root.verify_code)
    return WireFault(Fault.TLS, root.reason or str(root))


def _deepest(error: BaseException) -> BaseException:
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return error


def _issuer_name(der: bytes) -> str:
    from cryptography import x509  # noqa: PLC0415 - azure-identity brings it; needed once, for one bad day

    try:
        issuer = x509.load_der_x509_certificate(der).issuer
        names = issuer.get_attributes_for_oid(x509.NameOID.COMMON_NAME) or list(issuer)
    except ValueError:
        return ""
    return str(names[0].value) if names else ""
