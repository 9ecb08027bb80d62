"""A command for the shell that it is pasted into."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from doctor.model.finding import Result
    from doctor.model.fix import Fix
    from doctor.model.report import Report

_PLAIN = re.compile(r"[\w./:=+-]+")
# What a POSIX shell reads as more than words: such a line is not told in another shell's way.
_OPERATORS = frozenset("|&;<>()$`")


class Shell(str, Enum):
    """The shells whose quoting is known."""

    BASH = "bash"
    POWERSHELL = "powershell"


def in_shell(command: str, shell: Shell) -> str:
    """A POSIX command line for another shell; as it is where it is more than one plain command.

    PowerShell passes what stands in single quotes as it is, a quote doubled in it
    (learn.microsoft.com, about_Quoting_Rules); the Azure CLI's own documentation escapes double quotes inside with a
    backslash for it (learn.microsoft.com, "Quoting differences between scripting languages").
    """
    if shell is Shell.BASH:
        return command
    lexer = shlex.shlex(command, posix=False, punctuation_chars=True)
    lexer.whitespace_split = True
    try:
        if any(set(token) <= _OPERATORS for token in lexer) or "$(" in command or "`" in command:
            return command
        words = shlex.split(command)
    except ValueError:
        return command
    return " ".join(word if _PLAIN.fullmatch(word) else _quoted(word) for word in words)


def _quoted(word: str) -> str:
    escaped = word.replace("'", "''").replace('"', '\\"')
    return f"'{escaped}'"


def told_in(report: Report, shell: Shell) -> Report:
    """The report with every command for that shell."""
    if shell is Shell.BASH:
        return report
    return replace(
        report,
        results=tuple(_result(result, shell) for result in report.results),
        root_causes=tuple(replace(one, fixes=fixes_in(one.fixes, shell)) for one in report.root_causes),
        rerun=in_shell(report.rerun, shell),
    )


def _result(result: Result, shell: Shell) -> Result:
    return replace(result, finding=replace(result.finding, fixes=fixes_in(result.finding.fixes, shell)))


def fixes_in(fixes: tuple[Fix, ...], shell: Shell) -> tuple[Fix, ...]:
    """The changes with their commands for that shell."""
    if shell is Shell.BASH:
        return fixes
    return tuple(
        replace(
            fix,
            command=fix.powershell or in_shell(fix.command, shell),
            undo=fix.powershell_undo or in_shell(fix.undo, shell),
        )
        for fix in fixes
    )
