"""What a run was asked to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path  # noqa: TC003 - a recording is read back by the type hints of this record

DEFAULT_PROMPT = "Reply with the single word: ready"
DEFAULT_TIMEOUT = 60.0


class CredentialKind(str, Enum):
    """Where the token comes from."""

    DEFAULT = "default"
    CLI = "cli"
    ENV = "env"
    MANAGED_IDENTITY = "managed-identity"
    WORKLOAD_IDENTITY = "workload-identity"
    AZD = "azd"
    INTERACTIVE = "interactive"
    DEVICE_CODE = "device-code"
    AZURE_PIPELINES = "azure-pipelines"
    GITHUB = "github"
    POWERSHELL = "powershell"
    BROKER = "broker"


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one run."""

    target: str
    cloud: str = "public"
    credential: CredentialKind = CredentialKind.DEFAULT
    tenant: str = ""
    subscription: str = ""
    principal: str = ""
    """Object id whose access is checked instead of the caller's."""
    connect_to: tuple[str, ...] = ()
    ca_file: Path | None = None
    allow_hosts: tuple[str, ...] = ()
    timeout: float = DEFAULT_TIMEOUT
    """Seconds for the whole run."""
    invoke: bool = False
    prompt: str = DEFAULT_PROMPT
