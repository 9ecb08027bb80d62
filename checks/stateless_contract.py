"""The application is stateless, as its contract says.

## What it verifies
An Agent Application supports one operation, `POST /responses`, and keeps no state. One free read of a conversation
that does not exist must be refused. If the address given is that of a stateful route, that is said.

## When it does not pass
- the address given is that of a stateful route: conversations, files, vector_stores, containers (`stateful-api`)
- the stateful route answers as if it existed: then this is unknown

## What to do
Keep the history in the client and send all of it with each call, with `store: false`. `previous_response_id` and
`conversation` do not work.

## Sources
Microsoft's documentation of Agent Applications, June 2026: only the stateless `POST /responses` is supported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.check import Check, Finding, Group, failed, passed, skipped, unknown, unread
from doctor.facts import witness
from doctor.facts.endpoint import AnswerTo, Call
from doctor.facts.subjects import subject_of
from doctor.model.cause import Cause
from doctor.model.fact import Unread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.facts.subject import Facts

_STATEFUL = {"conversations", "files", "vector_stores", "containers", "threads", "assistants"}
_ADVICE = "clients keep the history themselves and send all of it with each call"
_REFUSED = {400, 404, 405, 410, 501}


def run(facts: Facts) -> Iterator[Finding]:
    """Look at the given path, and ask for a conversation that does not exist."""
    if not subject_of(facts).stateless:
        yield skipped("A new-model agent may keep state; the contract is that of Agent Applications.")
        return
    stateful = _STATEFUL & set(facts.target.path.lower().split("/"))
    if stateful:
        yield failed(
            Cause.STATEFUL_API,
            f"The address is that of a stateful route ({', '.join(sorted(stateful))}), which applications do not have:"
            f" {_ADVICE}.",
            evidence=(f"given: {facts.target.given}",),
        )
        return
    if facts.options.principal:
        yield skipped("It takes a token to ask, and --principal asks about somebody else.")
        return
    if witness.denies(facts):
        yield _not_let_in()
        return
    fact = facts.ask(AnswerTo(Call.STATEFUL))
    if isinstance(fact, Unread):
        yield unread(fact.problem, "No stateful route could be asked", required=False)
        return
    answer = fact.value
    seen = witness.seen(answer)
    if answer.status in _REFUSED or (answer.status in {401, 403} and witness.accepts(facts)):
        yield passed(f"Only POST /responses is served, without state: {_ADVICE}.", evidence=seen[:1])
    elif answer.status in {401, 403}:
        yield _not_let_in()
    else:
        yield unknown(
            Cause.UNRECOGNISED,
            f"A stateful route answered {answer.status}; by contract there is none. Do not rely on it: {_ADVICE}.",
            required=False,
            evidence=seen,
        )


def _not_let_in() -> Finding:
    return skipped(
        "Whether stateful routes are refused can be told only by a caller who is let in. By contract they are:"
        f" {_ADVICE}.",
        because_of=("endpoint-accepts-caller",),
    )


check = Check(
    id="stateless-contract",
    title="Is state kept between calls?",
    group=Group.APPLICATION,
    rank=50,
    run=run,
    needs=("token", "name-resolution", "connection"),
    link="https://learn.microsoft.com/azure/foundry/agents/how-to/agent-applications",
)
