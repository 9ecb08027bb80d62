"""`agentdoctor schema`: the JSON Schemas of what agentdoctor writes and reads."""

from __future__ import annotations

from importlib.resources import files

import click

from doctor.cli import emit

EPILOG = """\b
Examples:
  agentdoctor schema
  agentdoctor schema report > report-1.json
"""
_KIND = "kind"


@click.command(epilog=EPILOG)
@click.argument("name", required=False)
def command(name: str | None) -> None:
    """Print the JSON Schema of the document NAME, or list the documents that have one."""
    known = schemas()
    if name is None:
        click.echo("\n".join(known))
        return
    from doctor.use_cases.bad_request import near  # noqa: PLC0415 - --help does not need it

    if name not in known:
        raise click.UsageError(f"There is no document {name!r}.{near(name, known)} There are: {', '.join(known)}.")
    emit.put(known[name])


def schemas() -> dict[str, str]:
    """Document → the text of its schema: those of `agentdoctor/NAME/1`, and that of a kind of downstream resource."""
    found = {
        file.name.removesuffix("-1.json"): file.read_text(encoding="utf-8")
        for file in files("reports").joinpath("schema").iterdir()
        if file.name.endswith("-1.json")
    }
    kind = files("doctor.downstream.kinds") / "kind.schema.json"
    return dict(sorted({**found, _KIND: kind.read_text(encoding="utf-8")}.items()))
