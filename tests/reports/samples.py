"""Reports of every kind, made by hand: what the formats are tried on."""

from __future__ import annotations

from datetime import datetime, timezone

from doctor.model.access import Access, Action, Decision, Grant, NearMiss, Question
from doctor.model.cause import Cause
from doctor.model.exchange import Exchange
from doctor.model.finding import Finding, Result, failed, passed, skipped, unknown, warned
from doctor.model.fix import Fix
from doctor.model.identity import Identity, IdentityRole
from doctor.model.report import Policy, Report, RootCause, Subject
from doctor.model.status import Status

ADA = "3f2b8c1e-0d4a-4b5c-9a6f-1c2d3e4f5a6b"
AGENT = "77aa0c1e-0d4a-4b5c-9a6f-1c2d3e4f5a6b"
PROJECT = "99bb0c1e-0d4a-4b5c-9a6f-1c2d3e4f5a6b"
SUBSCRIPTION = "/subscriptions/11111111-2222-4333-8444-555555555555"
ACCOUNT = f"{SUBSCRIPTION}/resourceGroups/rg-support/providers/Microsoft.CognitiveServices/accounts/contoso-ai"
APPLICATION = f"{ACCOUNT}/projects/support/applications/helper"
SEARCH = f"{SUBSCRIPTION}/resourceGroups/rg-support/providers/Microsoft.Search/searchServices/contoso-search"
ENDPOINT = (
    "https://contoso-ai.services.ai.azure.com/api/projects/support/applications/helper/protocols/openai/responses"
)
INVOKE = Action("Microsoft.CognitiveServices/accounts/AIServices/applications/invoke/action", data=True)
USER_ROLE = "53ca6127-db72-4b80-b1b0-d745d6d5456d"
OWNER_ROLE = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
BEGUN = datetime(2026, 11, 22, 9, 30, 5, tzinfo=timezone.utc)

HOSTILE = (
    "</script><script>alert(1)</script>\"'`--><!--",
    "::error title=x::owned",
    "##vso[task.setvariable variable=x]owned",
    "##[error]owned",
    "100%\n::error::owned\r\n##vso[task.complete]",
    "\x1b[31mred\x1b]8;;https://evil.example\x07",
    "abc\u202edcb\u2066x\u2028y",
    "| a | [b](javascript:alert(1)) ![i](https://evil.example/x.png) @admin #1",
    "]]> <![CDATA[ &amp; &lt;",
    "名前がとても長いアプリケーション",
    "{{ 7 * 7 }} {% raw %} ${{ github.token }}",
    "\ud800 \ufffe \x00",
)

GRANT_FIX = Fix(
    title="Assign Foundry User (formerly Azure AI User) to ada@contoso.com on application helper",
    command=(
        f"az role assignment create --assignee-object-id {ADA} --assignee-principal-type User --role {USER_ROLE} "
        f"--scope {APPLICATION}"
    ),
    undo=f"az role assignment delete --assignee {ADA} --role {USER_ROLE} --scope {APPLICATION}",
    needs="Microsoft.Authorization/roleAssignments/write on the application; the caller has it (Owner)",
    verified=True,
    bicep="resource grant 'Microsoft.Authorization/roleAssignments@2022-04-01' = {\n  name: guid(scope)\n}",
    terraform='resource "azurerm_role_assignment" "grant" {\n  scope = "helper"\n}',
    note="It can take some minutes until it is in force.",
)
DENIED_ACCESS = Decision(
    question=Question(ADA, INVOKE, APPLICATION),
    access=Access.NOT_GRANTED,
    cause=Cause.ROLE_LACKS_ACTION,
    reason="Owner holds no data actions, and invoking an application is a data action.",
    near_misses=(
        NearMiss(
            Cause.ROLE_LACKS_ACTION,
            "Owner on the subscription covers the application, but holds no data action",
            role_guid=OWNER_ROLE,
            role_name="Owner",
            scope=SUBSCRIPTION,
            principal_id=ADA,
            assignment_id=f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleAssignments/{AGENT}",
        ),
    ),
    unread=("the eligible assignments on the management group",),
)
GRANTED_ACCESS = Decision(
    question=Question(ADA, INVOKE, APPLICATION),
    access=Access.GRANTED,
    cause=None,
    reason="Foundry User on the account grants it.",
    grants=(
        Grant(
            f"{ACCOUNT}/providers/Microsoft.Authorization/roleAssignments/{PROJECT}",
            ADA,
            USER_ROLE,
            "Foundry User",
            ACCOUNT,
            ends_on=datetime(2027, 1, 1, tzinfo=timezone.utc),
        ),
    ),
)
IDENTITIES = (
    Identity(ADA, IdentityRole.CALLER, "ada@contoso.com", ("token", "refusal"), kind="user"),
    Identity(AGENT, IdentityRole.APPLICATION_AGENT, "helper", ("application",), AGENT, "agent identity"),
    Identity(PROJECT, IdentityRole.PROJECT_AGENT, seen_in=("project",)),
)
EXCHANGES = (
    Exchange(
        1, "POST", "https://login.microsoftonline.com/common/oauth2/v2.0/token", "login.microsoftonline.com", "entra",
        0, 82, 200, audience="https://ai.azure.com",
    ),
    Exchange(
        2, "GET", f"https://management.azure.com{APPLICATION}?api-version=2025-12-01", "management.azure.com", "arm",
        90, 84, 200, "req-1", audience="https://management.azure.com",
    ),
    Exchange(3, "POST", ENDPOINT, "contoso-ai.services.ai.azure.com", "foundry", 92, 120, 401, "req-2"),
    Exchange(
        4, "POST", ENDPOINT, "contoso-ai.services.ai.azure.com", "foundry", 230, 1000, None,
        error="connection reset", attempt=2,
    ),
)  # fmt: skip


def result(check: str, finding: Finding, group: str = "Access", duration_ms: int = 40) -> Result:
    """A result as the engine stamps it."""
    title = check.replace("-", " ").capitalize()
    return Result(check, title, group, finding, f"https://agentdoctor.example/checks/{check}", duration_ms)


def make(*results: Result, **fields: object) -> Report:
    """A report of these results."""
    known: dict[str, object] = {
        "tool_version": "0.1.0",
        "target": Subject("contoso-ai/support/helper", "agent-application", ENDPOINT, APPLICATION),
        "started_at": BEGUN,
        "duration_ms": 812,
        "results": results,
        "root_causes": (),
        "identities": IDENTITIES,
        "exchanges": EXCHANGES,
    }
    return Report(**(known | fields))  # type: ignore[arg-type]  # the names are those of the record


TOKEN = result(
    "token",
    passed("The Azure CLI gave a token for ada@contoso.com.", evidence=("audience https://ai.azure.com",)),
    "Sign-in",
)
RESOLVED = result("name-resolution", passed("The name resolves to 20.1.2.3, a public address."), "Network")
REFUSED = result(
    "endpoint-accepts-caller",
    failed(
        Cause.PERMISSION_DENIED,
        "The endpoint refused the call: the caller lacks a data action.",
        evidence=(f"401 PermissionDenied for {ADA}", "request id 4f1a"),
        because_of=("caller-access",),
    ),
    "Endpoint",
)
NO_ACCESS = result(
    "caller-access",
    failed(
        Cause.ROLE_LACKS_ACTION,
        "ada@contoso.com may not invoke this application: Owner does not include calling it.",
        evidence=("Owner on the subscription", f"needed: {INVOKE.name} (data action)"),
        fixes=(GRANT_FIX,),
        decisions=(DENIED_ACCESS,),
    ),
)
HAS_ACCESS = result(
    "caller-access", passed("Foundry User on the account lets ada@contoso.com call it.", decisions=(GRANTED_ACCESS,))
)
SEARCH_UNKNOWN = result(
    "downstream-access",
    unknown(
        Cause.CANNOT_READ,
        "Whether the agent may read contoso-search is not known: its role assignments cannot be read.",
        evidence=("403 AuthorizationFailed: Microsoft.Authorization/roleAssignments/read",),
    ).about("search-conn"),
    "Downstream",
)
UNUSED_UNKNOWN = result(
    "downstream-access",
    unknown(Cause.NOT_CHECKABLE, "Only an end user can consent to this.", required=False).about("mail"),
    "Downstream",
)
KEY_WARNING = result(
    "downstream-access",
    warned(
        Cause.KEY_IN_USE,
        "The connection blob works with a key.",
        fixes=(Fix("Change the connection blob to Microsoft Entra ID in the portal", needs="Foundry Project Manager"),),
    ).about("blob"),
    "Downstream",
)
SKIPPED = result(
    "stateless-contract",
    skipped("The endpoint refuses this caller, so nothing can be sent.", because_of=("endpoint-accepts-caller",)),
    "Endpoint",
)
CRASHED = result(
    "protocol",
    Finding(
        Status.ERROR,
        "The check crashed: KeyError in protocol.py line 40.",
        Cause.CRASHED,
        fixes=(Fix("Send the JSON report to the project's issue tracker"),),
    ),
    "Application",
)
ROOT = RootCause(
    Cause.ROLE_LACKS_ACTION,
    "caller-access",
    "",
    "ada@contoso.com may not invoke this application: Owner does not include calling it.",
    Status.FAIL,
    ("endpoint-accepts-caller",),
    (GRANT_FIX,),
)

HEALTHY = make(TOKEN, RESOLVED, HAS_ACCESS)
BROKEN = make(
    TOKEN,
    RESOLVED,
    REFUSED,
    SKIPPED,
    NO_ACCESS,
    KEY_WARNING,
    SEARCH_UNKNOWN,
    root_causes=(
        ROOT,
        RootCause(
            Cause.CANNOT_READ,
            "downstream-access",
            "search-conn",
            SEARCH_UNKNOWN.finding.summary,
            Status.UNKNOWN,
        ),
    ),
    rerun="agentdoctor check contoso-ai/support/helper --select caller-access --select endpoint-accepts-caller",
    notes=("Role definitions are the bundled ones of 2026-08-22: the live ones could not be read.",),
)
UNDECIDED = make(TOKEN, HAS_ACCESS, SEARCH_UNKNOWN, UNUSED_UNKNOWN)
ALLOWED = make(TOKEN, SEARCH_UNKNOWN, policy=Policy(allow_unknown=True))
WARNED = make(TOKEN, HAS_ACCESS, KEY_WARNING)
STRICT = make(TOKEN, KEY_WARNING, policy=Policy(fail_on_warn=True))
CRASHING = make(TOKEN, CRASHED, UNUSED_UNKNOWN)
INTERRUPTED = make(TOKEN, NO_ACCESS, root_causes=(ROOT,), interrupted=True)
EMPTY = make(identities=(), exchanges=())


def hostile(text: str) -> Report:
    """A report in which everything that can come from outside is this text."""
    fix = Fix(text, f"az resource show --name {text!r}", text, text, bicep=text, terraform=text, note=text)
    decision = Decision(
        Question(text, Action(text, data=True), text),
        Access.CONDITIONAL,
        Cause.CONDITION_UNDECIDED,
        text,
        (Grant(text, text, text, text, text, condition=text, depends_on=text),),
        (NearMiss(Cause.DENIED, text, text, text, text, text, text),),
        (text,),
    )
    finding = failed(
        Cause.UNRECOGNISED, text, evidence=(text, text), fixes=(fix,), because_of=(text,), decisions=(decision,)
    ).about(text)
    results = [
        Result("caller-access", text, text, finding, f"https://docs.example/{text}", 1),
        result("token", passed(text, evidence=(text,))),
        result("mail", unknown(Cause.NOT_CHECKABLE, text, evidence=(text,)).about(text), text),
        result("blob", warned(Cause.KEY_IN_USE, text).about(text)),
        result("skipped", skipped(text)),
        result("crashed", Finding(Status.ERROR, text, Cause.CRASHED)),
    ]
    return make(
        *results,
        tool_version=text,
        target=Subject(text, text, text, text),
        root_causes=(RootCause(Cause.UNRECOGNISED, "caller-access", text, text, Status.FAIL, (text,), (fix,)),),
        identities=(Identity(text, IdentityRole.UNKNOWN, text, (text,), text, text),),
        exchanges=(Exchange(1, text, text, text, text, 0, 5, 200, text, text),),
        rerun=f"agentdoctor check {text!r}",
        notes=(text,),
    )


def many(count: int) -> Report:
    """A report with this many failures, and as many of everything else."""
    results: list[Result] = []
    for number in range(count):
        subject = f"connection-{number:04}"
        results += [
            result("downstream-access", failed(Cause.NO_ASSIGNMENT, f"Nothing for {subject}.").about(subject), "Down"),
            result("expiry", warned(Cause.EXPIRES_SOON, f"The role for {subject} ends soon.").about(subject), "Down"),
            result("token", passed(f"Fine: {subject}.").about(subject), "Sign-in"),
        ]
    return make(*results, exchanges=EXCHANGES * count)


ALL = {
    "healthy": HEALTHY,
    "broken": BROKEN,
    "undecided": UNDECIDED,
    "allowed": ALLOWED,
    "warned": WARNED,
    "strict": STRICT,
    "crashing": CRASHING,
    "interrupted": INTERRUPTED,
    "empty": EMPTY,
}
