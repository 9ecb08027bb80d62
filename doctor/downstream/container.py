"""What a hosted agent's container names: its image, and in its environment connections and endpoints."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from doctor.downstream import properties
from doctor.downstream.resolve import place
from doctor.downstream.tools import Use
from doctor.model.loose import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from doctor.model.foundry import Json

_PLACEHOLDER = re.compile(r"\$\{\{\s*connections\.([^.}\s]{1,128})\.", re.IGNORECASE)
_URL = re.compile(r"https://[A-Za-z0-9.-]{1,253}(?::\d{1,5})?(?:/[^\s\"'?#;,]{0,500})?")
_KEY = re.compile(r"(?i)(?:accountkey|sharedaccesskey|sharedaccesssignature|password|[?&]sig)=")


def uses(definition: Json) -> Iterator[Use]:
    """What a hosted agent's container names: its image and, in its environment, connections and endpoints.

    Only host names are taken out of the environment; its values may be secrets.
    """
    image = properties.text(definition, "container_configuration.image") or properties.text(definition, "image")
    registry = properties.text(definition, "container_configuration.registry_connection_id")
    if image or registry:
        yield Use("image", reference=registry, target=_image_host(image))
    environment = properties.dig(definition, "environment_variables")
    seen: set[str] = set()
    for name, value in _variables(environment):
        for reference in _PLACEHOLDER.findall(value):
            if reference.lower() not in seen:
                seen.add(reference.lower())
                yield Use("environment", label=name, reference=reference, key_in_tool=True)
        for url in _URL.findall(value):
            if place(url).host and place(url).host not in seen:
                seen.add(place(url).host)
                yield Use("environment", label=name, target=url, key_in_tool=bool(_KEY.search(value)))


def _image_host(image: str) -> str:
    host = image.split("/", 1)[0]
    return f"https://{host}" if "." in host else ""


def _variables(environment: Any) -> Iterable[tuple[str, str]]:
    """Name and value of each variable: an object, or a list of name and value."""
    named: Mapping[str, Any] = environment if isinstance(environment, dict) else {}
    listed = () if named else properties.items(environment, "")
    pairs = [(str(name), value) for name, value in named.items()]
    pairs += [(properties.text(one, "name"), properties.dig(one, "value")) for one in listed]
    return [(name, value) for name, value in pairs if isinstance(value, str)]


def doubts(definition: Json) -> Iterator[str]:
    """What of the container is not understood."""
    holders = ("container_configuration", "code_configuration")
    shown_parts = [name for name in holders if properties.dig(definition, name) is not None]
    for name in shown_parts:
        value = properties.dig(definition, name)
        if not isinstance(value, Mapping):
            yield f"definition.{name} should be a JSON object, but is {shown(value)}"
    if not shown_parts and properties.dig(definition, "image") is None:
        yield "definition shows neither container_configuration nor code_configuration"
    for path in ("container_configuration.image", "container_configuration.registry_connection_id", "image"):
        value = properties.dig(definition, path)
        if value is not None and not isinstance(value, str):
            yield f"definition.{path} should be text, but is {shown(value)}"
    environment = properties.dig(definition, "environment_variables")
    if environment is not None and not isinstance(environment, (Mapping, list)):
        yield f"definition.environment_variables should be a JSON object, but is {shown(environment)}"
