"""`agentdoctor completion`: the script that completes commands, options and check names in a shell."""

from __future__ import annotations

import os

import click
from click.shell_completion import (
    CompletionItem,
    ShellComplete,
    add_completion_class,
    get_completion_class,
    split_arg_string,
)

VARIABLE = "_AGENTDOCTOR_COMPLETE"
"""Variable by which a shell asks the program for completions."""
SHELLS = ("bash", "zsh", "fish", "powershell")
EPILOG = """\b
Examples:
  bash         agentdoctor completion bash >> ~/.bashrc
  zsh          agentdoctor completion zsh >> ~/.zshrc
  fish         agentdoctor completion fish > ~/.config/fish/completions/agentdoctor.fish
  PowerShell   agentdoctor completion powershell >> $PROFILE
"""

_POWERSHELL = """\
Register-ArgumentCompleter -Native -CommandName %(prog_name)s -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $before = $commandAst.Extent.Text
    if ($cursorPosition -lt $before.Length) { $before = $before.Substring(0, $cursorPosition) }
    $env:%(complete_var)s = "powershell_complete"
    $env:COMP_WORDS = $before
    $env:COMP_INCOMPLETE = $wordToComplete
    try {
        %(prog_name)s | ForEach-Object {
            $value, $help = $_ -split "`t", 2
            if (-not $help) { $help = $value }
            [System.Management.Automation.CompletionResult]::new($value, $value, "ParameterValue", $help)
        }
    } finally {
        Remove-Item Env:%(complete_var)s, Env:COMP_WORDS, Env:COMP_INCOMPLETE
    }
}
"""


class PowerShellComplete(ShellComplete):
    """PowerShell 5.1 and later; the line before the cursor comes in COMP_WORDS, its last word in COMP_INCOMPLETE."""

    name = "powershell"
    source_template = _POWERSHELL

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the one that is completed, and that one."""
        words = split_arg_string(os.environ.get("COMP_WORDS", ""))
        incomplete = os.environ.get("COMP_INCOMPLETE", "")
        before = words[1:-1] if incomplete and words and words[-1] == incomplete else words[1:]
        return before, incomplete

    def format_completion(self, item: CompletionItem) -> str:
        """Value and help, with a tab between."""
        return f"{item.value}\t{item.help}" if item.help else str(item.value)


add_completion_class(PowerShellComplete)


@click.command(epilog=EPILOG)
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def command(ctx: click.Context, /, shell: str) -> None:
    """Print the script that completes commands, options and check names in your shell."""
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"There is no completion for {shell}.")
    # The base class's own method: bash's would first start a bash to ask for its version.
    click.echo(ShellComplete.source(kind(ctx.find_root().command, {}, "agentdoctor", VARIABLE)))
