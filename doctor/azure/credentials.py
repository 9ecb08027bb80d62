"""The caller's tokens: one per scope and tenant, whoever asks, and no longer than the run lasts."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

from doctor.azure.clouds import PUBLIC
from doctor.azure.errors import NoToken
from doctor.azure.token_source import Chain
from doctor.azure.waiting import Overdue, bounded
from doctor.model.cause import Cause
from doctor.model.no_token import NoTokenStory, TokenAsked

if TYPE_CHECKING:
    from collections.abc import Callable

    from azure.core.credentials import AccessToken, AccessTokenInfo

    from doctor.azure.clouds import Cloud
    from doctor.azure.token import Token
    from doctor.azure.token_source import TokenSource
    from doctor.azure.transport import Transport
    from doctor.model.fact import Problem

_GRACE_SECONDS = 0.2
_STALE_SECONDS = 120


class Credentials:
    """The caller's tokens, shared by the threads of a run."""

    def __init__(
        self,
        kind: str,
        transport: Transport,
        *,
        read: Callable[[NoTokenStory], Problem],
        cloud: Cloud = PUBLIC,
        tenant: str | Callable[[], str | None] | None = None,
        source: TokenSource | None = None,
    ) -> None:
        """Prepare; nothing is loaded or asked yet.

        Args:
            kind: one of `doctor.azure.chain.KINDS`.
            transport: carries everything that azure-identity sends.
            read: says what it means that no credential gave a token.
            cloud: which Entra to ask.
            tenant: tenant to ask tokens of when a call names none: an id, a function that knows it later, or None for
                the credential's own.
            source: where tokens come from; azure-identity's credentials of that kind by default.
        """
        self.kind = kind
        self.cloud = cloud
        self._transport = transport
        self._read = read
        self._tenant = tenant
        self._lock = threading.Lock()
        self._source = source or Chain(transport, cloud, lambda: self.tenant)
        self._flights: dict[tuple[str, str], Future[Token]] = {}

    @property
    def tenant(self) -> str:
        """The tenant that is asked when a call names none; "" for the credential's own."""
        return (self._tenant() if callable(self._tenant) else self._tenant) or ""

    def use_tenant(self, tenant: str | None) -> None:
        """Ask this tenant from now on."""
        self._tenant = tenant

    def token(self, scope: str, tenant_id: str | None = None, claims: str | None = None) -> Token:
        """A token for a scope, asked for once per scope and tenant, whoever asks.

        Args:
            scope: `https://ai.azure.com/.default`.
            tenant_id: tenant to ask; `self.tenant` when None.
            claims: a claims challenge of the resource; asks anew and replaces the token.

        Raises:
            NoToken: no credential gave a token; the problem tells which were tried and why each failed.
        """
        asked = TokenAsked(scope, self.tenant if tenant_id is None else tenant_id, self.kind, claims or "")
        key = (asked.scope, asked.tenant)
        with self._lock:
            flight = self._flights.get(key)
            mine = flight is None or bool(claims) or _stale(flight)
            if mine:
                flight = self._flights[key] = Future()
        assert flight is not None  # noqa: S101 - for the type checker: made just now
        if mine:
            self._fetch(asked, flight, key)
        try:
            return flight.result(timeout=self._patience())
        except FutureTimeoutError:
            raise self._no_token(NoTokenStory(asked, is_overdue=True)) from None

    def prepare(self) -> None:
        """Load what gives tokens, so that the first does not wait for it. Nothing is asked."""
        self._source.prepare()

    def sdk(self, tenant: str | None = None) -> SdkCredential:
        """These credentials as azure-core's TokenCredential, for one tenant."""
        return SdkCredential(self, tenant)

    def _fetch(self, asked: TokenAsked, flight: Future[Token], key: tuple[str, str]) -> None:
        try:
            flight.set_result(self._ask_in_time(asked))
        except NoToken as error:
            if error.problem.cause is Cause.TIMED_OUT:
                # That was the time of one check; the next may have more.
                with self._lock:
                    self._flights.pop(key, None)
            flight.set_exception(error)
        except BaseException as error:
            with self._lock:
                self._flights.pop(key, None)
            flight.set_exception(error)
            raise

    def _ask_in_time(self, asked: TokenAsked) -> Token:
        context = copy_context()
        try:
            return bounded(lambda: context.run(self._ask, asked), self._patience(), "token")
        except Overdue:
            raise self._no_token(NoTokenStory(asked, is_overdue=True)) from None

    def _patience(self) -> float:
        """Seconds to wait: a little longer than a request may take, which tells at which host it ran out of time."""
        return min(self._transport.remaining() + _GRACE_SECONDS, threading.TIMEOUT_MAX)

    def _ask(self, asked: TokenAsked) -> Token:
        given = self._source.ask(asked)
        if isinstance(given, NoTokenStory):
            raise self._no_token(given)
        return given

    def _no_token(self, story: NoTokenStory) -> NoToken:
        return NoToken(self._read(story))


class SdkCredential:
    """What the management clients ask for tokens."""

    def __init__(self, credentials: Credentials, tenant: str | None = None) -> None:
        self._credentials = credentials
        self._tenant = tenant

    def get_token(
        self, *scopes: str, claims: str | None = None, tenant_id: str | None = None, **kwargs: Any
    ) -> AccessToken:
        """The token for the first scope.

        Raises:
            NoToken: there is none.
        """
        from azure.core.credentials import AccessToken  # noqa: PLC0415 - loaded already by whoever asks

        del kwargs
        token = self._credentials.token(scopes[0], tenant_id or self._tenant, claims)
        return AccessToken(token.value, token.expires_on)

    def get_token_info(self, *scopes: str, options: Any = None) -> AccessTokenInfo:
        """The token for the first scope, in the newer form.

        Raises:
            NoToken: there is none.
        """
        from azure.core.credentials import AccessTokenInfo  # noqa: PLC0415 - loaded already by whoever asks

        asked = options or {}
        given = self.get_token(*scopes, claims=asked.get("claims"), tenant_id=asked.get("tenant_id"))
        return AccessTokenInfo(given.token, given.expires_on)

    def close(self) -> None:
        """Nothing is open."""


def _stale(flight: Future[Token]) -> bool:
    """Whether a finished flight brought a token that is about to expire."""
    if not flight.done() or flight.exception() is not None:
        return False
    return flight.result().expires_on - time.time() < _STALE_SECONDS
