"""The endpoint refuses a call without a token.

## What it verifies
One free probe without any token: the endpoint must refuse it, and say that it is for want of a token.

## When it does not pass
- the endpoint answers without a token (`anonymous-accepted`): anybody who knows the address can use the agent
- something refuses before tokens are looked at: a network rule, throttling, a gateway; then this is `unknown` and the
  result of endpoint-accepts-caller says more

## What to do
If anonymous calls are accepted, something other than the Foundry endpoint answers there, or stands in front of it:
close it, and give it authentication of its own.

## Sources
Agent Applications take Microsoft Entra tokens only; API keys do not work (Microsoft's documentation of Agent
Applications, June 2026).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.check import Check, Finding, Group, failed, passed, unknown, unread
from doctor.facts import witness
from doctor.facts.endpoint import AnswerTo, Call
from doctor.model.cause import Cause
from doctor.model.fact import Unread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.facts.subject import Facts

_TRANSIENT = {Cause.THROTTLED, Cause.SERVICE_FAILED}
_NOT_THE_SERVICE = {Cause.NETWORK_DENIED, Cause.NOT_AZURE, Cause.PROXY_FAILED}
"""Causes of a refusal that has another reason than the missing token."""


def run(facts: Facts) -> Iterator[Finding]:
    """Read the answer to the anonymous probe."""
    fact = facts.ask(AnswerTo(Call.ANONYMOUS))
    if isinstance(fact, Unread):
        yield unread(fact.problem, "No call without a token could be made")
        return
    answer = fact.value
    seen = witness.seen(answer)
    if witness.proves_access(facts, answer):
        yield failed(
            Cause.ANONYMOUS_ACCEPTED,
            f"The endpoint answered {answer.status} to a call without a token, as if it had been authorised.",
            evidence=seen,
        )
        return
    first = witness.diagnose(facts, answer)
    if answer.status in {401, 403} and (first is None or first.cause not in _TRANSIENT | _NOT_THE_SERVICE):
        yield passed(f"A call without a token is refused with {answer.status}.", evidence=seen[:1])
        return
    cause = first.cause if first is not None else Cause.UNRECOGNISED
    yield unknown(
        cause,
        f"A call without a token got {answer.status}, which does not tell whether a token is demanded.",
        required=cause in _TRANSIENT,
        evidence=seen,
    )


check = Check(
    id="endpoint-refuses-anonymous",
    title="Does the endpoint refuse calls without a token?",
    group=Group.ENDPOINT,
    rank=10,
    run=run,
    needs=("name-resolution", "connection"),
    explained_by=dict.fromkeys(set(Cause) - {Cause.ANONYMOUS_ACCEPTED}, ("endpoint-accepts-caller", "application")),
    link="https://learn.microsoft.com/azure/foundry/agents/how-to/agent-applications",
)
