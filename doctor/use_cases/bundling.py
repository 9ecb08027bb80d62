"""What was recorded as one file: with names, or with pseudonyms and the report that these give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from doctor.evidence.archive import MANIFEST, REPORT, packed
from doctor.evidence.redaction import redacted
from doctor.model.document import to_document
from doctor.model.secrets import VAULT
from doctor.rbac import bundled_definitions
from doctor.use_cases.replaying import replay_in, replayed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doctor.evidence.pseudonyms import Pseudonyms

MICROSOFTS_APPLICATIONS = frozenset(
    {
        "04b07795-8ddb-461a-bbee-02f9e1bf7b46",  # Azure CLI
        "797f4846-ba00-4fd7-ba43-dac1f8f63013",  # Azure Service Management
        "18a66f5f-dbdf-4c17-9dd7-1634712a9cbe",  # Azure Machine Learning Services, which is https://ai.azure.com
        "499b84ac-1321-427f-aa17-267ca6975798",  # Azure DevOps
    }
)
"""Ids that are the same in every tenant (Microsoft's list of first-party applications, 2026)."""


def bundle(documents: Mapping[str, Any], *, keep_ids: bool) -> tuple[bytes, Pseudonyms | None]:
    """The bytes of a bundle, and the key to its pseudonyms where it has some.

    A name may be a word of our own sentences ("support"), so the report is told anew from the redacted evidence.

    Args:
        documents: of a recording, or of a bundle that was read.
        keep_ids: leave names and ids as they are.

    Raises:
        BadBundle: the documents are no recording that can be replayed.
    """
    if keep_ids:
        return packed(documents, VAULT.scrub), None
    made, names = redacted({name: held for name, held in documents.items() if name != REPORT}, public_ids())
    made[MANIFEST] = {**made[MANIFEST], "redacted": True}
    replay = replay_in(made, "the recording")
    made[REPORT] = to_document(replayed(replay, replay.wanted))
    return packed(made, VAULT.scrub), names


def public_ids() -> frozenset[str]:
    """Ids that are nobody's secret: of the built-in roles and of Microsoft's own applications."""
    return MICROSOFTS_APPLICATIONS | frozenset(bundled_definitions())
