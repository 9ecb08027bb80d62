"""Bad input and bad days: a clear sentence and exit 2, or a complete report that says what could not be verified."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from doctor.simulator import Simulator
from doctor.simulator.scenario_model import Fault
from tests.check.cli import Ran, attach, check, invoke

if TYPE_CHECKING:
    from pathlib import Path

TARGET = "https://contoso-ai.services.ai.azure.com/api/projects/support/applications/helpdesk"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["check"], "Missing argument"),
        (["check", "a/b"], "names no agent or application"),
        (["check", "http://x"], "https://"),
        (["check", TARGET, "--select", "no-such-check"], "no check 'no-such-check'"),
        (["check", TARGET, "--select", "tokn"], "Did you mean token?"),
        (["check", TARGET, "--ignore", "nope"], "no check"),
        (["check", TARGET, "--select", "token", "--ignore", "token"], "No check is left"),
        (["check", TARGET, "--connect-to", "nonsense"], "HOST1:PORT1:HOST2:PORT2"),
        (["check", TARGET, "--ca-file", "/no/such/file.pem"], "file.pem"),
        (["check", TARGET, "-o", "/no/such/folder/report.json"], "no folder"),
        (["check", TARGET, "--format", "yaml"], "yaml"),
        (["check", TARGET, "--report", "html"], "NAME=FILE"),
        (["check", TARGET, "--timeout", "0"], "timeout"),
        (["check", TARGET, "--credential", "magic"], "magic"),
        (["check", TARGET, "--cloud", "moon"], "moon"),
        (["demo", "no-such-scenario"], "no-such-scenario"),
        (["simulate", "no-such-scenario"], "no-such-scenario"),
        (["access", "a/b"], "names no agent or application"),
        (["access", TARGET, "--principal", "somebody"], "no object id"),
        (["access", TARGET, "--principal", "me", "--scope", "nowhere"], "--scope"),
        (["explain", ""], ""),
        (["no-such-command"], "no-such-command"),
    ],
)
def test_bad_input_is_one_clear_sentence_and_exit_2(arguments: list[str], says: str) -> None:
    ran = invoke(arguments)
    assert ran.exit_code == 2, ran
    assert says in ran.stderr
    assert not ran.stdout
    assert "Traceback" not in ran.stderr


def test_a_ca_file_that_holds_no_certificate(tmp_path: Path) -> None:
    bad = tmp_path / "ca.pem"
    bad.write_text("this is no certificate")
    ran = invoke(["check", TARGET, "--ca-file", str(bad)])
    assert (ran.exit_code, "ca.pem" in ran.stderr) == (2, True)


def test_nothing_is_half_written(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_text("the old report")
    ran = invoke(["check", "a/b", "-o", str(file)])
    assert ran.exit_code == 2
    assert file.read_text() == "the old report"
    assert [*tmp_path.iterdir()] == [file]


def faulty(tmp_path: Path, *faults: Fault, options: tuple[str, ...] = ()) -> Ran:
    with Simulator("healthy", faults=faults) as azure:
        return check(azure, tmp_path, "--timeout", "12", *options)


@pytest.mark.parametrize("kind", ["error", "html", "garbage", "reset", "truncate"])
@pytest.mark.parametrize("host", ["management.", "services.ai."])
def test_a_server_that_misbehaves_never_gives_a_pass_or_a_crash(host: str, kind: str, tmp_path: Path) -> None:
    ran = faulty(tmp_path, Fault(host=host, kind=kind, status=500, retry_after=-1))
    assert ran.exit_code in {1, 3}, ran.document["root_causes"]
    assert ran.document["verdict"] in {"fail", "unknown"}
    assert ran.document["summary"]["error"] == 0, [r for r in ran.document["results"] if r["status"] == "error"]
    assert len({r["check"] for r in ran.document["results"]}) >= 15


def test_entra_that_is_down_is_told_and_the_rest_is_skipped(tmp_path: Path) -> None:
    ran = faulty(tmp_path, Fault(host="login.", kind="error", status=500, retry_after=-1))
    assert (ran.result("token")["status"], ran.result("token")["cause"]) == ("unknown", "service-failed")
    assert ran.exit_code == 3
    assert ran.root["check"] == "token"
    assert ran.result("endpoint-refuses-anonymous")["status"] == "pass"
    assert ran.result("endpoint-accepts-caller")["because_of"] == ["token"]


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_nothing_that_listens(tmp_path: Path) -> None:
    file = tmp_path / "r.json"
    arguments = ["check", TARGET, "--connect-to", f"::127.0.0.1:{closed_port()}", "--credential", "env"]
    environ = {"AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c", "AZURE_CLIENT_SECRET": "not-a-real-secret"}
    ran = invoke([*arguments, "--timeout", "10", "-o", str(file)], environ)
    assert ran.exit_code == 1
    assert "unreachable" in file.read_text()


def test_a_certificate_that_is_not_trusted(tmp_path: Path) -> None:
    file = tmp_path / "r.json"
    with Simulator("healthy") as azure:
        arguments = ["check", azure.target, "--connect-to", azure.connect_to, "--credential", "env", "--timeout", "10"]
        ran = invoke([*arguments, "-o", str(file)], azure.environ)
    assert ran.exit_code == 1
    assert '"tls-untrusted"' in file.read_text()


def test_a_server_that_never_answers_ends_in_time(tmp_path: Path) -> None:
    file = tmp_path / "r.json"
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(64)
        rule = f"::127.0.0.1:{silent.getsockname()[1]}"
        command = [sys.executable, "-m", "agentdoctor", "check", TARGET, "--connect-to", rule, "--credential", "env"]
        environ = {"AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c", "AZURE_CLIENT_SECRET": "not-a-real-secret"}
        began = time.monotonic()
        ran = subprocess.run(
            [*command, "--timeout", "4", "-o", str(file)], env={**os.environ, **environ}, check=False, timeout=60
        )
        took = time.monotonic() - began
    assert ran.returncode in {1, 3, 4}
    assert file.exists()
    assert took < 30, "the connection would hang for ever"


def test_selected_checks_only(tmp_path: Path) -> None:
    with Simulator("owner-is-not-enough") as azure:
        ran = check(azure, tmp_path, "--select", "token,connection")
    assert ran.exit_code == 0
    states = {r["check"]: r["status"] for r in ran.document["results"]}
    assert {check_id for check_id, state in states.items() if state != "skip"} == {"token", "connection"}


def test_an_ignored_check_is_shown_as_skipped(tmp_path: Path) -> None:
    with Simulator("owner-is-not-enough") as azure:
        ran = check(azure, tmp_path, "--ignore", "caller-access", "--ignore", "endpoint-accepts-caller")
    assert ran.result("caller-access")["status"] == "skip"


def test_fail_on_warn_and_allow_unknown(tmp_path: Path) -> None:
    with Simulator("pim-ends-soon") as azure:
        assert check(azure, tmp_path).document["summary"]["warn"] >= 1
        assert check(azure, tmp_path).exit_code == 0
        assert check(azure, tmp_path, "--fail-on", "warn").exit_code == 1
    with Simulator("arm-down") as azure:
        assert check(azure, tmp_path, "--allow-unknown").exit_code == 0


def test_somebody_elses_access(tmp_path: Path) -> None:
    with Simulator("healthy") as azure:
        agent = next(i for i in check(azure, tmp_path).document["identities"] if i["role"] == "application-agent")
        ran = check(azure, tmp_path, "--principal", agent["object_id"])
    assert ran.result("token")["status"] == "skip"
    assert ran.result("endpoint-accepts-caller")["status"] == "skip"
    assert ran.result("caller-access")["status"] == "fail"
    assert ran.exit_code == 1


def test_a_real_call_is_made_only_when_asked_for(tmp_path: Path) -> None:
    with Simulator("healthy") as azure:
        check(azure, tmp_path)
        assert not [r for r in azure.requests if r.path.endswith("/responses") and r.status == 200]
        ran = check(azure, tmp_path, "--invoke", "--prompt", "hello")
        assert [r for r in azure.requests if r.path.endswith("/responses") and r.status == 200]
    assert ran.result("invocation")["status"] == "pass"


def test_a_real_call_shows_a_tools_refusal(tmp_path: Path) -> None:
    with Simulator("lost-on-publish") as azure:
        ran = check(azure, tmp_path, "--invoke")
    invocation = ran.result("invocation")
    assert invocation["status"] == "fail"
    assert ran.root["check"] == "lost-on-publish"


@pytest.mark.skipif(sys.platform == "win32", reason="signals work differently there")
def test_ctrl_c_prints_what_was_found_and_exits_130() -> None:
    with Simulator("healthy", faults=(Fault(host="management.", kind="slow", ms=20000),)) as azure:
        process = subprocess.Popen(
            [sys.executable, "-m", "agentdoctor", "check", azure.target, "--credential", "env", *attach(azure)],
            env={**os.environ, **azure.environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        give_up = time.monotonic() + 60
        # Only a check asks for a conversation; the probes leave while checks are still being loaded.
        while not any("conversations" in one.path for one in azure.requests) and time.monotonic() < give_up:
            time.sleep(0.05)
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert "the run was stopped before its end" in " ".join(out.split())


def test_a_pipe_that_closes_early_is_no_error() -> None:
    line = f"{sys.executable} -m agentdoctor demo healthy 2>/dev/null | head -1"
    ran = subprocess.run(line, shell=True, capture_output=True, text=True, check=False)  # noqa: S602 - a fixed line
    assert "Traceback" not in ran.stderr
    assert "agentdoctor" in ran.stdout


ODD_DEPLOYMENT = '[deployments.production]\nstate = "Warming"'


def told(folder: Path, text: str, base: str = "healthy") -> Path:
    """A scenario of its own: another one but for this."""
    file = folder / "told.toml"
    file.write_text(f'title = "t"\nstory = "s"\nbase = "{base}"\n{text}\n[expect]\nverdict = "pass"\nexit_code = 0\n')
    return file


def test_an_application_that_does_not_say_that_it_is_enabled(tmp_path: Path) -> None:
    text = '[application]\nbare = true\nproperties = { provisioningState = "Succeeded" }'
    with Simulator(told(tmp_path, text)) as azure:
        tried = check(azure, tmp_path, "--select", "application")
        looked = check(
            azure, tmp_path, "--select", "application", "--principal", "00000000-0000-0000-0000-00000000000f"
        )
    assert tried.result("application")["status"] == "pass"
    assert "does not say that it is enabled" in tried.result("application")["summary"]
    assert (looked.result("application")["status"], looked.exit_code) == ("unknown", 3)


# Without a routing policy it cannot be told whether the stopped deployment gets traffic; a call that works tells.
UNROUTED = '[application]\nbare = true\n[deployments.old]\nstate = "Stopped"\ntraffic = 0'


@pytest.mark.parametrize(("text", "required"), [(UNROUTED, False), (ODD_DEPLOYMENT, True)])
def test_only_a_real_call_that_works_settles_a_deployment(text: str, tmp_path: Path, *, required: bool) -> None:
    with Simulator(told(tmp_path, text)) as azure:
        without = check(azure, tmp_path).result("deployment")
        result = check(azure, tmp_path, "--invoke").result("deployment")
    assert (without["status"], without["required"]) == ("unknown", True)
    assert (result["status"], result["required"]) == ("unknown", required)


def test_no_real_call_is_made_for_a_caller_who_is_refused(tmp_path: Path) -> None:
    with Simulator(told(tmp_path, ODD_DEPLOYMENT, "owner-is-not-enough")) as azure:
        check(azure, tmp_path, "--invoke")
        calls = [one for one in azure.requests if one.method == "POST" and one.path.endswith("/responses")]
    assert len(calls) == 2, "the two free probes"
