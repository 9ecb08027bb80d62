"""What goes over the boundary as a secret is known afterwards, whichever way it took."""

from __future__ import annotations

import pytest

from doctor.azure.errors import NoAnswer
from doctor.model.secrets import REDACTED, VAULT
from doctor.model.untrusted import clean
from tests.azure.servers import MakeTransport, Say, Serve, jwt

ENTRA = "https://login.microsoftonline.com/t/oauth2/v2.0/token"
ARM = "https://management.azure.com/subscriptions?api-version=2022-12-01"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def test_what_is_sent_and_what_comes_back_is_registered(serve: Serve, make_transport: MakeTransport) -> None:
    say = Say(
        body={
            "access_token": "access-Token~1234567",
            "refresh_token": "refresh-Token~1234567",
            "scope": "openid-profile",
        },
        headers={"Set-Cookie": "esctx=cookie-Value~1234567; path=/"},
    )
    environ = {
        "AZURE_CLIENT_CERTIFICATE_PASSWORD": "pfx-Password~1",
        "HTTPS_PROXY": "http://me:proxy-Pass%7E1@p.example:1",
    }
    transport = make_transport(serve(lambda _got: say), environ=environ)
    transport.send(
        "POST", ENTRA, FORM, b"grant_type=x&client_secret=client-Secret%7E1234&client_assertion=assertion-1234567"
    )
    bearer = jwt(aud="https://management.azure.com")
    transport.send("GET", ARM, {"Authorization": f"Bearer {bearer}"})
    for secret in (
        *("access-Token~1234567", "refresh-Token~1234567", "cookie-Value~1234567", "client-Secret~1234"),
        *("assertion-1234567", "pfx-Password~1", "proxy-Pass~1", bearer),
    ):
        assert secret not in VAULT.scrub(f"it was {secret}"), secret
        assert REDACTED in clean(f"it was {secret[:14]}…")
    assert clean("scope openid") == "scope openid"


@pytest.mark.parametrize("body", [b"client_secret=abcdefgh", b"a=b&client_assertion=eyJ", b"refresh_token=x"])
@pytest.mark.parametrize("url", ["https://evil.example/token", ARM, "http://login.microsoftonline.com/t"])
def test_a_secret_goes_to_entra_only(serve: Serve, make_transport: MakeTransport, url: str, body: bytes) -> None:
    server = serve(lambda _got: Say())
    transport = make_transport(server)
    with pytest.raises(NoAnswer, match="Entra only"):
        transport.send("POST", url, FORM, body)
    assert server.seen == []
    assert make_transport(server).send("POST", ENTRA, FORM, body).status == 200
