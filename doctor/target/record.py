"""What the user asks about: the record, apart from the texts that it is read from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from doctor.model.protocol import AgentProtocol


class Kind(str, Enum):
    """What the target turned out to be."""

    APPLICATION = "agent-application"
    AGENT = "agent"
    PROJECT = "project"
    """Of a project that serves exactly one application or agent, that one is meant."""
    UNKNOWN = "unknown"

    @property
    def folder(self) -> str:
        """The segment before its name, in resource ids and in addresses."""
        return "agents" if self is Kind.AGENT else "applications"


class MalformedTarget(ValueError):  # noqa: N818 - it names what is malformed
    """The text is no target; the message says why, in one line."""

    def __init__(self, why: str, nearest: str = "") -> None:
        super().__init__(why)
        self.nearest = nearest
        """The right form, filled in from what was given; what was not given stands in capitals."""


@dataclass(frozen=True, slots=True)
class Target:
    """The parts of the target that its text gives; the rest is "" and is looked up."""

    given: str
    kind: Kind
    name: str = ""
    """The application's name (or the agent's); "" when the text names only a project, or is no agent's address."""
    account: str = ""
    """The account's name, or of a URL the first label of its host: its custom subdomain."""
    project: str = ""
    subscription: str = ""
    resource_group: str = ""
    host: str = ""
    """Of an endpoint's or management URL; a portal's URL gives its parts and no host."""
    path: str = ""
    """Of a URL: the path below the application or agent, without slashes at its ends."""
    api_version: str = ""
    version: str = ""
    """The agent's version that a management URL or a portal's URL names."""
    either: bool = False
    """The text does not say whether the name is an application's or an agent's; `kind` is then only a first guess."""
    wrong_because: str = ""
    """Why a valid Foundry address is neither an application's nor an agent's; "" when it is."""
    right_form: str = ""
    """Then the address that was probably meant; what is not known stands in capitals."""

    @property
    def is_url(self) -> bool:
        """Whether the user gave an address of the endpoint's host."""
        return bool(self.host)

    @property
    def protocol(self) -> AgentProtocol | None:
        """The protocol of the given address; None where it names none, or one that is not known."""
        return AgentProtocol.at(self.path)
