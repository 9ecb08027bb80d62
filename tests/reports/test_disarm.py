"""What a CI system would obey is made harmless; a command stays the same for a shell."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.disarm import disarm, disarm_command

CASES = [
    ("::error::x", ": :error::x"),
    ("  ::set-env name=a::b", "  : :set-env name=a::b"),
    (":::x", ": ::x"),
    ("a ::b", "a ::b"),
    ("##[group]x", "# #[group]x"),
    ("x ##vso[task.complete]", "x # #vso[task.complete]"),
    ("###vso[x]", "## #vso[x]"),
    ("##teamcity[x]", "# #teamcity[x]"),
    ("## heading", "## heading"),
    ("", ""),
]


@pytest.mark.parametrize(("line", "harmless"), CASES)
def test_the_table(line: str, harmless: str) -> None:
    assert disarm(line) == harmless


@settings(deadline=None)
@given(st.text(alphabet=" :#vso[]ab\n"))
def test_a_line_once_disarmed_stays_as_it_is(line: str) -> None:
    assert disarm(disarm(line)) == disarm(line)


@settings(deadline=None)
@given(st.text(alphabet="#vso[]'\" $a"))
def test_a_quoted_name_stays_the_same_word(name: str) -> None:
    command = f"az resource show --name {shlex.quote(name)}"
    harmless = disarm_command(command)
    assert disarm(harmless) == harmless
    assert shlex.split(harmless) == shlex.split(command)


def test_where_quoting_cannot_help_the_command_is_rather_broken_than_obeyed() -> None:
    assert disarm_command('az x --query "##vso[a]"') == 'az x --query "# #vso[a]"'
    assert disarm_command("az x 'unbalanced ##[a]") == "az x 'unbalanced # #[a]"
    assert disarm_command("az group list") == "az group list"
