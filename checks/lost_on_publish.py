"""No role was lost on publishing.

## What it verifies
Publishing gives the agent an identity of its own, and copies no role to it. For every downstream resource that the
agent calls as itself: does the application's agent identity have what the project's shared agent identity has there?
An agent at its own endpoint has an identity of its own too: does it have what the application's, or the project's
shared one, has? Moving from an application to the agent's endpoint carries no role over either.

## When it does not pass
- the project's shared agent identity may do what the tool needs, the application's agent identity may not
  (`lost-on-publish`): the tool worked in the playground and fails since the agent was published

## What to do
Run the commands shown: each gives the application's agent identity the narrow role on the resource. They do not copy
a wide role.

## Sources
Roles are not carried over: Microsoft's documentation of agent identities and of Agent Applications, June 2026. One
public issue saw a published application still call as the project's identity; where that matters, both are evaluated.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from doctor.check import Check, Finding, Group, failed, passed, sentence, unknown
from doctor.facts import serving
from doctor.facts.subjects import subject_of
from doctor.model.cause import Cause
from doctor.model.identity import IdentityRole
from doctor.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.facts.subject import Facts

_SINCE = {IdentityRole.AGENT: "At its own endpoint", IdentityRole.APPLICATION_AGENT: "Since publishing"}


def run(facts: Facts) -> Iterator[Finding]:
    """Compare both identities over every permission store; one result holds all the commands."""
    findings = facts.ask(serving.LostOnPublish())
    lost = [one for one in findings if one.status is Status.FAIL]
    open_ = [one for one in findings if one.status is Status.UNKNOWN]
    if lost:
        yield _lost(lost, _SINCE[subject_of(facts).role])
    elif open_:
        summary = f"Whether anything was lost cannot be told for all: {open_[0].summary}"
        yield unknown(open_[0].cause or Cause.CANNOT_READ, sentence(summary), required=False)
    elif findings:
        yield replace(findings[0], subject="", summary=sentence(findings[0].summary))
    else:
        yield passed("Nothing that the agent calls as itself was left with the project's shared identity.")


def _lost(lost: list[Finding], since: str) -> Finding:
    fixes = {fix.command or fix.title: fix for one in lost for fix in one.fixes}
    follows = all(one.because_of for one in lost)
    return failed(
        Cause.LOST_ON_PUBLISH,
        f"{since} the agent has an identity of its own, which lacks the roles on:"
        f" {', '.join(dict.fromkeys(one.subject for one in lost))}.",
        evidence=tuple(one.summary for one in lost),
        fixes=tuple(fixes.values()),
        decisions=tuple(decision for one in lost for decision in one.decisions),
        # Where the target's own store decides, downstream-access has said so already.
        because_of=tuple(dict.fromkeys(name for one in lost for name in one.because_of)) if follows else (),
    )


check = Check(
    id="lost-on-publish",
    title="Was a role lost on publishing?",
    group=Group.AGENT,
    rank=15,
    run=run,
    needs=("application", "agent-identity"),
    link="https://learn.microsoft.com/azure/foundry/agents/how-to/agent-applications",
)
