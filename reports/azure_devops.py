"""Azure DevOps: logging commands of Azure Pipelines, and the Markdown report as the run's summary.

The escapes are those of the agent's own task library (azure-pipelines-task-lib, node/taskcommand.ts).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.model.format import Format, Style
from doctor.model.untrusted import visible
from reports.annotations import Annotation, closing, collect
from reports.disarm import disarm
from reports.markdown import bounded

if TYPE_CHECKING:
    from doctor.model.report import Report


def render(report: Report, style: Style) -> str:
    """Logging commands, one on each line, and a last line with the verdict."""
    lines = [_command(annotation, style.anchor) for annotation in collect(report)]
    return "\n".join([*lines, disarm(closing(report))]) + "\n"


def upload(path: str) -> str:
    """The line that makes a Markdown file the run's summary; the path is absolute, and the file already written."""
    return f"##vso[task.uploadsummary]{_data(visible(path))}\n"


def _command(annotation: Annotation, anchor: str) -> str:
    properties = {"type": annotation.severity}
    if anchor:
        properties |= {"sourcepath": anchor, "linenumber": "1"}
    written = "".join(f"{name}={_property(value)};" for name, value in properties.items())
    return f"##vso[task.logissue {written}]{_data(chr(10).join((annotation.title, *annotation.lines)))}"


def _data(text: str) -> str:
    return disarm(text.replace("%", "%AZP25").replace("\r", "%0D").replace("\n", "%0A"))


def _property(text: str) -> str:
    return _data(text).replace("]", "%5D").replace(";", "%3B")


report = Format(
    name="azure-devops",
    title="Logging commands for Azure Pipelines, with a summary.",
    extension="log",
    media_type="text/plain",
    render=render,
    summary=bounded,
)
