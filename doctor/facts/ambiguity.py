"""What is raised for a target that could be several things; apart, so that a command line loads nothing for it."""

from __future__ import annotations


class AmbiguousTarget(Exception):  # noqa: N818 - it names what is ambiguous
    """The target's name fits several applications."""

    def __init__(self, given: str, candidates: tuple[str, ...]) -> None:
        super().__init__(given)
        self.given = given
        self.candidates = candidates
        """Resource ids, sorted."""
