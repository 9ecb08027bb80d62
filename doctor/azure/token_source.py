"""Where tokens come from: azure-identity's credentials for real, or what they gave once."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from doctor.azure.ci_tokens import CI_LABELS, NotThere
from doctor.azure.errors import NoAnswer, no_answer_in
from doctor.azure.exchange_log import collecting
from doctor.azure.token import Claims, Token, claims_of
from doctor.model.cause import Cause
from doctor.model.fact import Problem
from doctor.model.no_token import Failure, NoTokenStory, TokenAsked
from doctor.model.secrets import VAULT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from doctor.azure.chain import Link
    from doctor.azure.clouds import Cloud
    from doctor.azure.transport import Transport
    from doctor.model.exchange import Exchange

_REPLAYED = "replayed"
"""Stands where a token would: a recording holds none."""
_ALWAYS_FRESH_SECONDS = 3600


class TokenSource(Protocol):
    """Gives a token, or the story of why there is none."""

    def prepare(self) -> None:
        """Load what is needed, without asking for anything."""

    def ask(self, asked: TokenAsked) -> Token | NoTokenStory:
        """One token.

        Raises:
            NoAnswer: a recording holds nothing of it.
        """


class Chain:
    """azure-identity's credentials, one after the other."""

    def __init__(self, transport: Transport, cloud: Cloud, tenant: Callable[[], str]) -> None:
        self._transport = transport
        self._cloud = cloud
        self._tenant = tenant
        self._lock = threading.Lock()
        self._links: tuple[Link, ...] | None = None

    def prepare(self) -> None:
        """Load azure-identity."""
        from azure.identity import CredentialUnavailableError  # noqa: F401, PLC0415 - loading it is the point

        from doctor.azure.chain import build_chain  # noqa: F401, PLC0415 - as above

    def ask(self, asked: TokenAsked) -> Token | NoTokenStory:
        """Walk the chain until a credential gives a token."""
        from azure.identity import CredentialUnavailableError  # noqa: PLC0415 - loads azure-identity

        try:
            chain = self._chain(asked.kind)
        except NotThere as error:
            return NoTokenStory(asked, (Failure(CI_LABELS[asked.kind], str(error), is_unavailable=True),))
        except ValueError as error:
            return NoTokenStory(asked, bad_settings=str(error))
        options: dict[str, Any] = {"tenant_id": asked.tenant or None, "claims": asked.claims or None}
        wanted = {name: value for name, value in options.items() if value}
        failures: list[Failure] = []
        for link in chain:
            try:
                given = link.credential.get_token(asked.scope, **wanted)
            except Exception as error:  # noqa: BLE001, PERF203 - every reason is a line of the story
                unavailable = isinstance(error, (CredentialUnavailableError, NotThere))
                silent = no_answer_in(error)
                failures.append(
                    Failure(link.label, str(error), unavailable, no_answer=silent.problem if silent else None)
                )
                if link.stops and not unavailable:
                    break
            else:
                return _token(given, asked, link.label, failures)
        narrowed = os.environ.get("AZURE_TOKEN_CREDENTIALS", "").strip() if asked.kind == "default" else ""
        return NoTokenStory(asked, tuple(failures), self._entra_status(), narrowed)

    def _entra_status(self) -> int | None:
        """Status of Entra's last answer in this run."""
        answers = [one.status for one in self._transport.exchanges() if one.plane == "entra" and one.status is not None]
        return answers[-1] if answers else None

    def _chain(self, kind: str) -> tuple[Link, ...]:
        from doctor.azure.chain import build_chain  # noqa: PLC0415 - loads azure-core

        with self._lock:
            if self._links is None:
                self._links = build_chain(kind, self._transport, self._cloud, self._tenant())
            return self._links


@dataclass(frozen=True, slots=True)
class SignIn:
    """One sign-in as it went: what a token said, or why there was none. It holds no token."""

    asked: TokenAsked
    credential: str = ""
    story: tuple[str, ...] = ()
    claims: Claims | None = None
    """None where there was no token, or an opaque one."""
    lasts_seconds: int = 0
    """From when it was given."""
    refused: NoTokenStory | None = None
    requests: tuple[Exchange, ...] = ()
    """What was asked of Entra or the metadata endpoint for it."""


class RecordedSource:
    """A source that tells how each sign-in went."""

    def __init__(self, source: TokenSource, transport: Transport, keep: Callable[[SignIn], None]) -> None:
        self._source = source
        self._transport = transport
        self._keep = keep

    def prepare(self) -> None:
        """As the other source."""
        self._source.prepare()

    def ask(self, asked: TokenAsked) -> Token | NoTokenStory:
        """As the other source."""
        numbers: list[int] = []
        with collecting(numbers):
            given = self._source.ask(asked)
        made = tuple(line for line in self._transport.exchanges() if line.number in numbers)
        if isinstance(given, NoTokenStory):
            self._keep(SignIn(asked, refused=given, requests=made))
        else:
            lasts = given.expires_on - int(time.time())
            self._keep(SignIn(asked, given.credential, given.story, given.claims, lasts, requests=made))
        return given


class ReplayedSource:
    """The sign-ins of a recording. What was asked of Entra is written down again, and not asked."""

    def __init__(self, sign_ins: Iterable[SignIn], transport: Transport) -> None:
        self._known = {(one.asked.scope, one.asked.tenant, bool(one.asked.claims)): one for one in sign_ins}
        self._transport = transport

    def prepare(self) -> None:
        """Nothing is needed."""

    def ask(self, asked: TokenAsked) -> Token | NoTokenStory:
        """What was given, or why nothing was.

        Raises:
            NoAnswer: the recording holds no such sign-in.
        """
        one = self._known.get((asked.scope, asked.tenant, bool(asked.claims)))
        if one is None:
            raise NoAnswer(
                Problem(Cause.NOT_CHECKABLE, f"No evidence: the recording holds no token for {asked.scope}.")
            )
        self._transport.write_down_again(one.requests)
        if one.refused is not None:
            return one.refused
        fresh = int(time.time()) + max(one.lasts_seconds, _ALWAYS_FRESH_SECONDS)
        return Token(_REPLAYED, asked.scope, fresh, one.credential, one.claims, one.story)


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
