"""The public Python API: what the command line does, as plain typed functions.

Nothing here reads the environment, prints, or ends a process; a request that makes no sense raises.

```python
from doctor.api import Options, Verdict, check

report = check(Options("contoso/shop/support", timeout=30))
if report.verdict is not Verdict.PASS:
    for root in report.root_causes:
        print(root.cause.value, root.summary, [fix.command for fix in root.fixes])
```
"""

from __future__ import annotations

from doctor.azure.connect_to import BadConnectTo
from doctor.azure.trust import BadTrust
from doctor.diff import Diff
from doctor.diff import compare as diff
from doctor.facts.ambiguity import AmbiguousTarget
from doctor.facts.options import CredentialKind, Options
from doctor.model.access import Access, Action
from doctor.model.cause import Cause
from doctor.model.document import NotAReport, from_document, to_document
from doctor.model.fact import Fact, Known, Unread
from doctor.model.fix import Fix
from doctor.model.report import Report, RootCause
from doctor.model.status import Status, Verdict
from doctor.reading.explain import Explanation
from doctor.target import MalformedTarget
from doctor.use_cases.access import Answer, Everybody, may, who_may
from doctor.use_cases.bad_request import BadRequest
from doctor.use_cases.explain import explain
from doctor.use_cases.plan import plan
from doctor.use_cases.run_checks import Wanted, check
from doctor.use_cases.waiting import Patience
from doctor.waivers import Waiver
from doctor.waivers import known as baseline

__all__ = [
    "Access",
    "Action",
    "AmbiguousTarget",
    "Answer",
    "BadConnectTo",
    "BadRequest",
    "BadTrust",
    "Cause",
    "CredentialKind",
    "Diff",
    "Everybody",
    "Explanation",
    "Fact",
    "Fix",
    "Known",
    "MalformedTarget",
    "NotAReport",
    "Options",
    "Patience",
    "Report",
    "RootCause",
    "Status",
    "Unread",
    "Verdict",
    "Waiver",
    "Wanted",
    "baseline",
    "check",
    "diff",
    "explain",
    "from_document",
    "may",
    "plan",
    "to_document",
    "who_may",
]
