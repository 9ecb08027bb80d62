"""One real call is answered, and its tools work.

## What it verifies
With `--invoke`, one real Responses call is made (`--prompt` says with which text): it must be answered, and no tool
call in the answer may have failed. Foundry hides a tool's refusal in an answer of status 200, so the answer is read
to its end. Only a completed response passes.

## When it does not pass
- the answer holds no completed response: it is empty, still in progress, incomplete or broken off (`unrecognised`)
- the call is refused or fails; the cause is that of the answer
- a tool call was refused by its target (`tool-denied`), failed (`tool-failed`) or waits for an end user's consent
  (`consent-missing`)

## What to do
Look at downstream-access for the tool that is named: it says which identity lacks what.

## Sources
How tool errors are masked: public issues of microsoft-foundry and Azure/azure-sdk-for-python, 2025 and 2026.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from checks.endpoint_accepts_caller import UNSETTLED
from doctor.check import Check, Finding, Group, failed, passed, sentence, skipped, unknown, unread
from doctor.facts import witness
from doctor.facts.endpoint import AnswerTo, Call
from doctor.model.cause import Cause
from doctor.model.fact import Unread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.facts.subject import Facts


def run(facts: Facts) -> Iterator[Finding]:
    """Make the call when the user asked for it, and read tool errors out of the answer."""
    if not facts.options.invoke:
        yield skipped("Not asked for: a real call is billed to the publisher. Add --invoke to make one.")
        return
    fact = facts.ask(AnswerTo(Call.INVOCATION))
    if isinstance(fact, Unread):
        yield unread(fact.problem, "The call got no answer")
        return
    answer = fact.value
    seen = witness.seen(answer)
    diagnoses = witness.read_invocation(facts, answer)
    if not diagnoses:
        if witness.completed(answer):
            yield passed(f"A real call was answered in {answer.elapsed_ms} ms, without any tool error.")
        else:
            summary = f"A real call was answered with {answer.status}, and the answer holds no completed response."
            yield unknown(Cause.UNRECOGNISED, summary, evidence=seen)
        return
    for diagnosis in diagnoses:
        give = unknown if diagnosis.cause in UNSETTLED else failed
        yield give(diagnosis.cause, sentence(diagnosis.summary), evidence=seen, fixes=diagnosis.fixes)


check = Check(
    id="invocation",
    title="Is a real call answered?",
    group=Group.ENDPOINT,
    rank=30,
    run=run,
    needs=("token", "name-resolution", "connection", "endpoint-accepts-caller"),
    explained_by={
        Cause.TOOL_DENIED: ("agent-identity", "lost-on-publish", "downstream-access"),
        Cause.PERMISSION_DENIED: ("caller-access", "lost-on-publish", "downstream-access"),
        Cause.NATIVE_ROLE_MISSING: ("lost-on-publish", "downstream-access"),
        Cause.AGENT_IDENTITY_TOKEN: ("agent-identity",),
        Cause.SERVICE_FAILED: ("deployment", "agent-identity", "lost-on-publish", "downstream-access"),
        Cause.TOOL_FAILED: ("agent-identity", "lost-on-publish", "downstream-access"),
    },
    link="https://learn.microsoft.com/azure/foundry/agents/how-to/agent-applications",
    eager=False,
)
