"""What the user asks about, read from any of the forms in which people name an application or an agent."""

from __future__ import annotations

from doctor.target.parse import parse
from doctor.target.record import Kind, MalformedTarget, Target

__all__ = ["Kind", "MalformedTarget", "Target", "parse"]
