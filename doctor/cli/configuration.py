"""How the configuration file reaches a command: as the defaults of its options, below environment and command line."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from doctor.cli.commands import CONFIGURED, SHARED, load
from doctor.cli.duration import Duration

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from doctor.config import Config

F = TypeVar("F", bound="Callable[..., Any]")

TRUST = ("connect_to", "ca_file", "allow_host")
"""Parameters that say where a token may go: taken only from a file that the user has named."""
WRITES = ("output", "report", "bundle", "key_file")
"""Parameters that name files to write: a file that was merely found may name only ones below the current folder."""
_CONTRADICTION = "--config and --no-config contradict each other."
_META = "agentdoctor.config"
_OFF = "agentdoctor.no-config"


def config_options(command: F) -> F:
    """Decorate a command with `--config` and `--no-config`."""
    off = click.option(
        "--no-config",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_turn_off,
        help="Do not look for a configuration file.",
    )
    on = click.option(
        "--config",
        type=click.Path(path_type=Path, dir_okay=False),
        is_eager=True,
        expose_value=False,
        callback=_configure,
        metavar="FILE",
        help="Configuration file. Default: agentdoctor.toml, or [tool.agentdoctor] in pyproject.toml, "
        "in this folder or the nearest one above.",
    )
    return off(on(command))


def config_of(ctx: click.Context) -> Config:
    """The configuration of this invocation."""
    from doctor.config import Config  # noqa: PLC0415 - --help does not need it

    found = ctx.meta.get(_META)
    return found if isinstance(found, Config) else Config()


def within_program(ctx: click.Context) -> bool:
    """Whether a user runs the command; `demo` calls it alone, so that nothing around here changes what it shows."""
    return ctx.parent is not None


def _turn_off(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's signature
    if value and _META in ctx.meta:
        raise click.UsageError(_CONTRADICTION)
    ctx.meta[_OFF] = value


def _configure(ctx: click.Context, _parameter: click.Parameter, named: Path | None) -> None:
    from doctor import config  # noqa: PLC0415 - --help does not need it

    off = ctx.meta.get(_OFF, False)
    if ctx.resilient_parsing or (named is None and (off or not within_program(ctx))):
        return
    if named is not None and off and ctx.get_parameter_source("config") is ParameterSource.COMMANDLINE:
        raise click.UsageError(_CONTRADICTION)
    if off:
        return
    try:
        path = named or config.find(Path.cwd())
        if path is None:
            return
        loaded = config.load(path)
        ctx.meta[_META] = loaded
        ctx.default_map = _defaults(ctx, loaded, found=named is None)
    except config.BadConfig as error:
        raise click.UsageError(str(error)) from error


def _defaults(ctx: click.Context, loaded: Config, *, found: bool) -> dict[str, Any]:
    """Parameter name → default, out of what the file says for this command.

    Raises:
        BadConfig: it names an option that does not exist, or gives one a value that it cannot have.
    """
    from doctor.config import unknown  # noqa: PLC0415 - --help does not need it

    for table in loaded.commands:
        if table not in CONFIGURED:
            raise unknown(loaded.path, "command that is configured here, named", table, CONFIGURED)
    top = option_keys(load("check"))
    own = option_keys(ctx.command)
    for key in loaded.options:
        if key not in top:
            raise unknown(loaded.path, "option", key, top)
    at_home = ctx.info_name == "check"
    said = {key: value for key, value in loaded.options.items() if key in own and (at_home or own[key].name in SHARED)}
    for key, value in loaded.commands.get(ctx.info_name or "", {}).items():
        if key not in own:
            raise unknown(loaded.path, f"option of {ctx.info_name}", key, own)
        said[key] = value
    return {own[key].name or "": _value(ctx, loaded, own[key], key, value, found=found) for key, value in said.items()}


def option_keys(command: click.Command) -> Mapping[str, click.Parameter]:
    """Key of the file → parameter: the long name without hyphens in front, or an argument's name."""
    return {
        max(one.opts, key=len).lstrip("-").replace("_", "-"): one
        for one in command.params
        if one.name not in {"config", "no_config", "help"}
    }


def _value(
    ctx: click.Context, loaded: Config, parameter: click.Parameter, key: str, value: object, *, found: bool
) -> object:
    """The value, of the type that the option has.

    Raises:
        BadConfig: it has another type, or is not allowed.
    """
    from doctor.config import BadConfig  # noqa: PLC0415 - as above

    path, name = loaded.path or Path(), parameter.name or ""
    if found and name in TRUST:
        raise BadConfig(
            f"{path}: {key} says where a token may go, so a file that was merely found may not set it. "
            f"Name the file with --config, or set AGENTDOCTOR_{name.upper()}."
        )
    many = getattr(parameter, "multiple", False)
    values = value if isinstance(value, list) else [value]
    if isinstance(value, list) and not many:
        raise BadConfig(f"{path}: {key} takes one value, not a list.")
    for one in values:
        _check_type(parameter, one, f"{path}: {key}")
    if found and name in WRITES and not all(_below(str(one)) for one in values):
        raise BadConfig(f"{path}: {key} may only name files below the current folder.")
    if isinstance(parameter.type, click.Path):
        values = [path.parent / str(one) if name not in WRITES else one for one in values]
    given = tuple(values) if many else values[0]
    try:
        parameter.type_cast_value(ctx, given)
    except click.BadParameter as error:
        raise BadConfig(f"{path}: {key}: {error.message}") from error
    return given


def _check_type(parameter: click.Parameter, value: object, where: str) -> None:
    from doctor.config import BadConfig  # noqa: PLC0415 - as above

    flag = getattr(parameter, "is_flag", False)
    number = isinstance(parameter.type, (click.types.FloatParamType, click.types.IntParamType))
    if flag is not isinstance(value, bool):
        raise BadConfig(f"{where} must be {'true or false' if flag else 'a value, not true or false'}.")
    if isinstance(parameter.type, Duration) and isinstance(value, (int, float)):
        return
    if not flag and not isinstance(value, (int, float) if number else str):
        raise BadConfig(f"{where} must be {'a number' if number else 'a string'}.")


def _below(file: str) -> bool:
    pure = PurePath(file.partition("=")[2] or file)
    if pure.is_absolute() or ".." in pure.parts:
        return False
    # A folder of the repository may be a link to anywhere.
    return Path(pure).parent.resolve().is_relative_to(Path.cwd().resolve())
