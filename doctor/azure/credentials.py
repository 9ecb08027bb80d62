"""Tokens: azure-identity for real, one token per scope and tenant, and the story of how it was got."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

from doctor.azure.clouds import PUBLIC
from doctor.azure.errors import NoToken, no_answer_in
from doctor.azure.token import Token, claims_of
from doctor.azure.waiting import Overdue, bounded
from doctor.model.cause import Cause
from doctor.model.no_token import Failure, NoTokenStory, TokenAsked
from doctor.model.secrets import VAULT

if TYPE_CHECKING:
    from collections.abc import Callable

    from azure.core.credentials import AccessToken, AccessTokenInfo

    from doctor.azure.chain import Link
    from doctor.azure.clouds import Cloud
    from doctor.azure.transport import Transport
    from doctor.model.fact import Problem

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
    ) -> None:
        """Prepare; nothing is loaded or asked yet.

        Args:
            kind: one of `doctor.azure.chain.KINDS`.
            transport: carries everything that azure-identity sends.
            read: says what it means that no credential gave a token.
            cloud: which Entra to ask.
            tenant: tenant to ask tokens of when a call names none: an id, a function that knows it later, or None for
                the credential's own.
        """
        self.kind = kind
        self.cloud = cloud
        self._transport = transport
        self._read = read
        self._tenant = tenant
        self._lock = threading.Lock()
        self._chain_lock = threading.Lock()
        self._chain: tuple[Link, ...] | None = None
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
            return flight.result(timeout=min(self._transport.remaining(), threading.TIMEOUT_MAX))
        except FutureTimeoutError:
            raise self._no_token(NoTokenStory(asked, is_overdue=True)) from None

    def prepare(self) -> None:
        """Load azure-identity, so that the first token does not wait for it. Nothing is asked."""
        from azure.identity import CredentialUnavailableError  # noqa: F401, PLC0415 - loading it is the point

        from doctor.azure.chain import build_chain  # noqa: F401, PLC0415 - as above

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
        left = min(self._transport.remaining(), threading.TIMEOUT_MAX)
        context = copy_context()
        try:
            return bounded(lambda: context.run(self._ask, asked), left, "token")
        except Overdue:
            raise self._no_token(NoTokenStory(asked, is_overdue=True)) from None

    def _ask(self, asked: TokenAsked) -> Token:
        """Walk the chain until a credential gives a token."""
        from azure.identity import CredentialUnavailableError  # noqa: PLC0415 - loads azure-identity

        try:
            chain = self._links()
        except ValueError as error:
            raise self._no_token(NoTokenStory(asked, bad_settings=str(error))) from error
        options: dict[str, Any] = {"tenant_id": asked.tenant or None, "claims": asked.claims or None}
        wanted = {name: value for name, value in options.items() if value}
        failures: list[Failure] = []
        for link in chain:
            try:
                given = link.credential.get_token(asked.scope, **wanted)
            except Exception as error:  # noqa: BLE001, PERF203 - every reason is a line of the story
                unavailable = isinstance(error, CredentialUnavailableError)
                silent = no_answer_in(error)
                failures.append(
                    Failure(link.label, str(error), unavailable, no_answer=silent.problem if silent else None)
                )
                if link.stops and not unavailable:
                    break
            else:
                return _token(given, asked, link.label, failures)
        raise self._no_token(NoTokenStory(asked, tuple(failures), self._entra_status()))

    def _no_token(self, story: NoTokenStory) -> NoToken:
        return NoToken(self._read(story))

    def _entra_status(self) -> int | None:
        """Status of Entra's last answer in this run."""
        answers = [one.status for one in self._transport.exchanges() if one.plane == "entra" and one.status is not None]
        return answers[-1] if answers else None

    def _links(self) -> tuple[Link, ...]:
        from doctor.azure.chain import build_chain  # noqa: PLC0415 - loads azure-core

        with self._chain_lock:
            if self._chain is None:
                self._chain = build_chain(self.kind, self._transport, self.cloud, self.tenant)
            return self._chain


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


def _token(given: Any, asked: TokenAsked, label: str, failures: list[Failure]) -> Token:
    VAULT.keep(given.token)
    return Token(
        value=given.token,
        scope=asked.scope,
        expires_on=int(given.expires_on),
        credential=label,
        claims=claims_of(given.token),
        story=(*(failure.line for failure in failures), f"{label}: gave the token"),
    )


def _stale(flight: Future[Token]) -> bool:
    """Whether a finished flight brought a token that is about to expire."""
    if not flight.done() or flight.exception() is not None:
        return False
    return flight.result().expires_on - time.time() < _STALE_SECONDS
