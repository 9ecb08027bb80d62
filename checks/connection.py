"""The endpoint can be reached over TLS.

## What it verifies
A TCP connection to the endpoint is made (through the proxy, where one is set), its TLS certificate is trusted, and
something answers in HTTP.

## When it does not pass
- the connection is refused or times out (`unreachable`)
- the certificate is not trusted (`tls-untrusted`): usually a proxy of the own company that inspects TLS; the report
  names the issuer
- the proxy refuses or fails (`proxy-failed`)

## What to do
Open the way to the host on port 443. For an inspecting proxy, give its root certificate with `--ca-file` or
`SSL_CERT_FILE`.

## Sources
Seen by this run itself; no fact about Azure is needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.check import Check, Finding, Group, failed, passed, sentence, unread
from doctor.facts.endpoint import AnswerTo, Call, FindEndpoint, detour
from doctor.model.cause import Cause
from doctor.model.fact import Unread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.facts.subject import Facts


def run(facts: Facts) -> Iterator[Finding]:
    """Look at how the anonymous probe travelled."""
    endpoint = facts.ask(FindEndpoint())
    if isinstance(endpoint, Unread):
        yield unread(endpoint.problem)
        return
    answer = facts.ask(AnswerTo(Call.ANONYMOUS))
    if isinstance(answer, Unread):
        problem = answer.problem
        if problem.cause is Cause.TIMED_OUT:
            yield unread(problem)
        else:
            yield failed(problem.cause, sentence(problem.summary), evidence=problem.evidence, fixes=problem.fixes)
        return
    yield passed(
        f"{endpoint.value.host} answers over TLS in {answer.value.elapsed_ms} ms.",
        evidence=tuple(filter(None, (detour(facts),))),
    )


check = Check(
    id="connection",
    title="Can the endpoint be reached?",
    group=Group.NETWORK,
    rank=20,
    run=run,
    needs=("name-resolution",),
    link="https://learn.microsoft.com/azure/foundry/how-to/configure-private-link",
)
