"""The reference pages: everything in them is read from the checks, the causes, the commands and the scenarios."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import click

from doctor.cli.cause_page import cause_page
from doctor.cli.commands import COMMANDS, SHARED
from doctor.cli.configuration import TRUST, WRITES, option_keys
from doctor.cli.main import group
from doctor.engine import registry
from doctor.model.cause import Cause
from doctor.simulator import load_scenario, scenario_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doctor.check import Check

GENERATED = ("checks", "causes", "commands")
"""Folders that hold nothing but generated pages."""
_MADE = "<!-- Made by `agentdoctor docs`. Change the code that it describes instead. -->\n\n"


def pages() -> dict[str, str]:
    """Path below the documentation's folder → the page, in Markdown."""
    checks = tuple(one.check for one in registry.load().checks if one.check.run.__module__.startswith("checks."))
    demos = _demos()
    made = {"README.md": _index(checks), "configuration.md": _configuration()}
    made |= {f"checks/{check.id}.md": _check(check) for check in checks}
    made |= {f"causes/{cause.value}.md": cause_page(cause, checks, demos.get(cause.value, ())) for cause in Cause}
    made |= {f"commands/{name}.md": _command(name) for name in COMMANDS}
    return {name: _MADE + text.strip() + "\n" for name, text in made.items()}


def _index(checks: Sequence[Check]) -> str:
    listed = [f"| [{one.id}](checks/{one.id}.md) | {one.group.value} | {one.title} |" for one in checks]
    causes = [f"| [{cause.value}](causes/{cause.value}.md) | {_cell(cause.meaning)} |" for cause in Cause]
    commands = [f"| [{name}](commands/{name}.md) | {text} |" for name, (_, text) in COMMANDS.items()]
    return "\n".join(
        [
            "# Reference\n",
            "How to configure it: [configuration](configuration.md). How to run it in CI: [ci](ci/README.md).",
            "Somebody else's agent, or somebody else to look at yours: [for who helps](help/for-who-helps.md),",
            "[for who asks](help/for-who-asks.md), [the file](help/the-file.md).\n",
            *("## Commands\n", "| Command | |", "| --- | --- |", *commands, ""),
            *("## Checks\n", "| Check | Group | What it verifies |", "| --- | --- | --- |", *listed, ""),
            *("## Causes\n", "| Cause | Meaning |", "| --- | --- |", *causes),
        ]
    )


def _check(check: Check) -> str:
    lines = [f"# {check.id}", "", f"*{check.group.value}.* {_linked(check.documentation.strip())}"]
    if check.needs:
        lines += ["", "## Needs", "", ", ".join(f"[{need}]({need}.md)" for need in check.needs)]
    lines += ["", "## Run only this", "", _shell(f"agentdoctor check APP --select {check.id}")]
    return "\n".join([*lines, f"\nRead more: <{check.link}>"] if check.link else lines)


def _linked(documentation: str) -> str:
    """A check's documentation, with its causes linked."""
    for cause in Cause:
        documentation = documentation.replace(f"`{cause.value}`", f"[`{cause.value}`](../causes/{cause.value}.md)")
    return documentation


def _demos() -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for name in scenario_names():
        scenario = load_scenario(name)
        if scenario.expect.root_cause:
            found.setdefault(scenario.expect.root_cause, []).append((name, scenario.title))
    return found


def _command(name: str) -> str:
    command = _loaded(name)
    arguments = [one for one in command.params if isinstance(one, click.Argument)]
    synopsis = " ".join(_placeholder(one) for one in arguments)
    lines = [f"# agentdoctor {name}", "", _shell(f"agentdoctor {name} [OPTIONS] {synopsis}".rstrip()), ""]
    lines += [inspect.cleandoc(command.help or "").replace("\b\n", ""), ""]
    if command.epilog:
        lines += ["```text", inspect.cleandoc(command.epilog).replace("\b\n", "").strip(), "```", ""]
    rows = [_row(one) for one in command.params if isinstance(one, click.Option)]
    if rows:
        lines += ["## Options", "", "| Option | Variable | |", "| --- | --- | --- |", *rows]
    return "\n".join(lines)


def _loaded(name: str) -> click.Command:
    found = group.get_command(click.Context(group), name)
    if found is None:
        raise LookupError(f"there is no command {name}")
    return found


def _placeholder(argument: click.Argument) -> str:
    name = argument.metavar or (argument.name or "").upper()
    return name if argument.required or name.startswith("[") else f"[{name}]"


def _row(option: click.Option) -> str:
    flags = ", ".join(f"`{flag}`" for flag in option.opts)
    value = "" if option.is_flag else f" `{_cell(_value_of(option))}`"
    default = f" Default: `{option.default}`." if option.show_default and option.default not in {None, ""} else ""
    return f"| {flags}{value} | `{option.envvar}` | {_cell(option.help or '')}{_cell(default)} |"


def _value_of(option: click.Option) -> str:
    if isinstance(option.type, click.Choice):
        return "|".join(str(choice) for choice in option.type.choices)
    return option.metavar or option.type.name.upper()


def _configuration() -> str:
    check = _loaded("check")
    rows = []
    for key, parameter in option_keys(check).items():
        notes = [
            *(["for every command that has it"] if parameter.name in SHARED else []),
            *(["only from a file named with `--config`"] if parameter.name in TRUST else []),
            *(["below the current folder only, unless the file is named"] if parameter.name in WRITES else []),
        ]
        rows.append(f"| `{key}` | {_kind(parameter)} | `{parameter.envvar}` | {'; '.join(notes)} |")
    table = "\n".join(["| Key | Value | Variable | |", "| --- | --- | --- | --- |", *rows])
    return _CONFIGURATION.replace("TABLE", table)


def _kind(parameter: click.Parameter) -> str:
    if getattr(parameter, "is_flag", False):
        return "true or false"
    return f"a list of {_type(parameter)}s" if getattr(parameter, "multiple", False) else f"a {_type(parameter)}"


def _type(parameter: click.Parameter) -> str:
    return "number" if isinstance(parameter.type, click.types.FloatParamType) else "string"


def _shell(line: str) -> str:
    return f"```sh\n{line}\n```"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


_CONFIGURATION = """\
# Configuration

`agentdoctor.toml`, or `[tool.agentdoctor]` in `pyproject.toml`, in the current folder or the nearest one above it.
`--config FILE` names another one, `--no-config` takes none. The command line wins over the environment, and that over
the file. What is not known in it is an error, with exit code 2.

```toml
app = "contoso/shop/support"
fail-on = "warn"
wait = "10m"
report = ["html=report.html", "junit=report.xml"]
ignore = ["invocation"]

[access]                       # options of another command
principal = "me"

[[waivers]]
check = "downstream-access"    # needed
subject = "mail"               # only this one; without it, every subject
cause = "key-in-use"           # only this one; without it, every cause
reason = "Moves to an identity in January"   # needed
until = 2027-01-31             # last day, in UTC; without it, for ever
```

## Waivers

A waived result stays in every report, with its reason, and counts neither for the verdict nor as a root cause. JUnit
shows it as skipped, SARIF as suppressed, and CI systems get no annotation for it. After its last day it counts again,
and says so. A waiver that covers nothing is a warning (`waivers`, cause `waiver-unused`), so it exits 1 with
`--fail-on warn`; when its check was skipped, nothing is said. `agentdoctor baseline report.json >> agentdoctor.toml`
waives what a report knows today.

## Options of check

In an environment variable, several values are separated by spaces. A relative `ca-file` is looked for beside the
configuration file. A file that was merely found cannot say where a token may go: a cloned repository must not.

TABLE

Options of another command stand in a table of its name. Their variables carry it too, as `AGENTDOCTOR_DIFF_FORMAT`.

## Terminals

`NO_COLOR`, `FORCE_COLOR`, `FORCE_HYPERLINK`, `TERM=dumb` and `--color` are respected. Progress goes to standard error,
and only to a terminal; with `--wait` a pipe gets a line for each look.
"""
