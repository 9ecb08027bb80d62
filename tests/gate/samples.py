from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from doctor.engine.root_causes import root_causes
from doctor.model.finding import Finding, Result
from doctor.model.report import Policy, Report, Subject

if TYPE_CHECKING:
    from doctor.model.identity import Identity

BEGUN = datetime(2026, 11, 22, 9, 30, 5, tzinfo=timezone.utc)
APPLICATION = (
    "/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/rg/providers"
    "/Microsoft.CognitiveServices/accounts/contoso/projects/shop/applications/support"
)


def result(check: str, finding: Finding, subject: str = "") -> Result:
    return Result(check, f"{check} is well", "Other", finding.about(subject) if subject else finding, "", 1)


def report_of(*results: Result, policy: Policy | None = None, identities: tuple[Identity, ...] = ()) -> Report:
    return Report(
        tool_version="0.1.0",
        target=Subject("contoso/shop/support", "agent-application", "", APPLICATION),
        started_at=BEGUN,
        duration_ms=10,
        results=results,
        root_causes=root_causes(results),
        policy=policy or Policy(),
        identities=identities,
    )
