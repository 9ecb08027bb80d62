"""What every test starts from: none of the machine's credentials, proxies, certificates, CI or colour settings."""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import settings

from doctor.model.secrets import VAULT

# How long one example takes is the machine's business; what must be fast has a test of its own.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

PREFIXES = ("AZURE_", "AGENTDOCTOR_", "GITHUB_", "MSI_", "IDENTITY_", "IMDS_", "TF_")
NAMES = (
    "CI", "GITLAB_CI", "NO_COLOR", "FORCE_COLOR", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy",
)  # fmt: skip


@pytest.fixture(scope="session", autouse=True)
def heeded_interrupts() -> None:
    """A shell starts background jobs with Ctrl-C ignored, and whatever a test starts would inherit that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*os.environ]:
        if name.startswith(PREFIXES) or name in NAMES:
            monkeypatch.delenv(name)
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture(autouse=True)
def empty_vault() -> None:
    """A secret of one test is an ordinary word in the next."""
    VAULT._known.clear()
    VAULT._places.clear()
