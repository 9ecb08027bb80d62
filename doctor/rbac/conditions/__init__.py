"""Conditions of role assignments and of permission entries (Azure attribute-based access control)."""

from __future__ import annotations

from doctor.rbac.conditions.evaluate import NEVER, UNRESTRICTED, Call, Effect, both, effect
from doctor.rbac.conditions.lexer import ConditionError
from doctor.rbac.conditions.parser import parse

__all__ = ["NEVER", "UNRESTRICTED", "Call", "ConditionError", "Effect", "both", "effect", "parse"]
