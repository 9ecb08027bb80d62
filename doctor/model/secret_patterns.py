"""What secrets of others look like, as a table: a name, a pattern, an example that must go and one that must stay.

The run's own secrets are known by value (`secrets`); these are told by the name beside them or by their form. Every
pattern takes linear time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum


class When(Enum):
    """Where a pattern is worth a look, so that ordinary text costs little."""

    ALWAYS = "always"
    NAMED = "beside a word that names secrets"
    PRIVATE_KEY = "beside the words PRIVATE KEY"


@dataclass(frozen=True, slots=True)
class Pattern:
    """One kind of secret."""

    name: str
    when: When
    pattern: re.Pattern[str]
    kept: str
    """What of a match stays, as a template of groups."""
    goes: tuple[str, str]
    """A text, and the secret in it."""
    stays: str
    """A text like it without a secret."""


_HIDDEN_HEADERS = (
    r"(?:proxy-)?authorization|(?:set-)?cookie2?|api-key|x-api-key|ocp-apim-subscription-key|x-functions-key"
    r"|x-ms-authorization-auxiliary|x-ms-token-aad-[a-z-]{2,30}|x-zumo-auth|x-identity-header|x-ms-client-principal"
)
_HIDDEN_FIELDS = (
    r"(?:access|refresh|id|bearer|auth|session|sas)[_ -]?token|client[_ -]?secret|client[_ -]?assertion|assertion"
    r"|password|passwd|pwd|passphrase|account[_ -]?key|shared[_ -]?access[_ -]?(?:key|signature)|api[_ -]?key"
    r"|(?:primary|secondary|admin|query|master|function|host|subscription|private|storage|secret)[_ -]?key"
    r"|(?:primary|secondary)?connection[_ -]?string|code[_-]?verifier|device[_-]?code|sig|sas|secret|samlresponse"
    r"|secret[_ -]?access[_ -]?key"
)
_NAME_BEGINS = r"(?:(?<![A-Za-z0-9])|(?<=[a-z0-9])(?=(?-i:[A-Z])))"
# A value that could be a key: not an id, not a word, not a file name; letters and digits mixed.
_MIXED = (
    r"(?![0-9a-fA-F]{8}-[0-9a-fA-F]{4}-)(?=[^\s0-9]{0,60}[0-9])(?=[^\sA-Za-z]{0,60}[A-Za-z])"
    r"[A-Za-z0-9_~+/%$@!^*#=-]{8,400}(?![A-Za-z0-9_])"
)
MAY_NAME_ONE = re.compile(
    r"(?i)key|secret|token|passw|passphrase|pwd|cookie|sig|sas|session|code|credential|assertion|connection|auth|login"
    r"|sqlcmd|bcp|mysql|-u|user|webhook|slack|samlresponse|value"
)
"""Words beside which a secret may stand."""

PATTERNS = (
    Pattern(
        "a private key",
        When.PRIVATE_KEY,
        re.compile(
            r"-----BEGIN (?:[A-Z]{2,20} ){0,3}PRIVATE KEY-----[A-Za-z0-9+/=\s\\,:-]*?"
            r"(?:-----END (?:[A-Z]{2,20} ){0,3}PRIVATE KEY-----|\Z)"
        ),
        "",
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIabc\ndef==\n-----END RSA PRIVATE KEY-----", "MIIabc"),
        "-----BEGIN CERTIFICATE-----",
    ),
    Pattern(
        "a line of a private key",
        When.PRIVATE_KEY,
        re.compile(r"(?m)^[A-Za-z0-9+/=]{8,200}$|\bMII[A-Za-z0-9+/]{30,}={0,2}"),
        "",
        ("MIIEpAIBAAKCAQEA75zorpzorpabcd0123456789\nQWErty0123zz\n-----END PRIVATE KEY-----", "QWErty0123zz"),
        "two words",
    ),
    # A JWT, also one cut short after its header. A run of these characters is looked at once, from its beginning.
    Pattern(
        "a JSON web token",
        When.ALWAYS,
        re.compile(r"(?<![A-Za-z0-9_-])eyJ(?:[A-Za-z0-9_-]{17,}|[A-Za-z0-9_-]{5,}(?=\.eyJ))(?:\.[A-Za-z0-9_-]*){0,4}"),
        "",
        ("eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwczovL2FpLmF6dXJlLmNvbSJ9.c2lnbmF0dXJl", "c2lnbmF0dXJl"),
        "eyJ is how a token begins",
    ),
    Pattern(
        "a header on a line of its own",
        When.ALWAYS,
        re.compile(
            rf"(?im)^([<>*| \t]{{0,40}})({_HIDDEN_HEADERS})([ \t]{{0,8}}[:=][ \t]{{0,8}})(?!\[redacted\])\S[^\r\n]*"
        ),
        r"\1\2\3",
        ("< set-cookie: sid=verysecret", "verysecret"),
        'WWW-Authenticate: Bearer error="invalid_token"',
    ),
    Pattern(
        "a header in a document",
        When.ALWAYS,
        re.compile(
            rf"(?i)([\"'])({_HIDDEN_HEADERS})(\\{{0,8}}[\"']?[ \t]{{0,4}}"
            rf"(?:[:=]|,[ \t\r\n]{{0,20}}\\{{0,8}}[\"']value\\{{0,8}}[\"'][ \t]{{0,4}}:"
            rf"|,(?![ \t\r\n]{{0,20}}\\{{0,8}}[\"']value))"
            rf"(?![ \t]{{0,4}}\\{{0,8}}[\"']?\[redacted\])[ \t]{{0,4}}(?:\\{{0,8}}[\"'])?)"
            r"[^\"'\r\n\\]{4,}"
        ),
        r"\1\2\3",
        ('{"name":"Cookie","value":"sid=verysecret"}', "verysecret"),
        '{"name":"Accept","value":"application/json"}',
    ),
    Pattern(
        "a scheme with its credentials",
        When.ALWAYS,
        re.compile(
            r"(?i)\b(bearer|basic|negotiate|pop|sharedaccesssignature|sharedkey|sharedkeylite)([ \t]{1,8})"
            r"(?![a-z_]{3,40}=[\"']?[^\s=])"
            r"(?=\S{0,400}(?:[0-9]|[a-z](?-i:[A-Z])|=(?:[\s\"',;]|$)))[A-Za-z0-9._~+/=:%&-]{8,}"
        ),
        r"\1\2",
        ("proxy uses basic dXNlcjpwYXNzd29yZA==", "dXNlcjpw"),
        "Bearer authentication required",
    ),
    Pattern(
        "the cookies of a paste",
        When.NAMED,
        re.compile(
            r"(?i)([\"']cookies?\\{0,8}[\"'][ \t]{0,4}:\s{0,8}\[)[^\[\]]{4,20000}"
            r"|(document\.cookie\s{0,4}=\s{0,4})[^\r\n]{4,}"
        ),
        r"\1",
        ('{"cookies":[{"name":"a","value":"hunter2zorp9"}]}', "hunter2zorp9"),
        "the cookies were refused",
    ),
    Pattern(
        "a quoted field",
        When.NAMED,
        re.compile(
            rf"(?i){_NAME_BEGINS}((?:{_HIDDEN_FIELDS})\\{{0,8}}[\"']?[ \t]{{0,4}}[:=][ \t]{{0,4}}"
            r"\\{0,8}([\"']))(?!\[redacted\])((?:(?!\2)[^\r\n\\]){1,8000})"
        ),
        r"\1",
        ('{\\"password\\":\\"hunter2\\"}', "hunter2"),
        '{"password": ""}',
    ),
    Pattern(
        "a braced value of a connection string",
        When.NAMED,
        re.compile(rf"(?i){_NAME_BEGINS}((?:{_HIDDEN_FIELDS})[ \t]{{0,4}}=[ \t]{{0,4}})\{{[^{{}}\r\n]{{1,200}}\}}"),
        r"\1",
        ("Uid=sa;Pwd={a b;c!hunter2};Encrypt=yes", "hunter2"),
        "Driver={ODBC Driver 18 for SQL Server}",
    ),
    Pattern(
        "a field",
        When.NAMED,
        re.compile(
            rf"(?i){_NAME_BEGINS}((?:{_HIDDEN_FIELDS})[ \t]{{0,4}}[:=][ \t]{{0,4}})"
            r"([A-Za-z0-9._~+/%$@!^*#-][^\s\"'&;,<>})\]]{5,})"
        ),
        r"\1",
        ("AccountName=a;AccountKey=abc123XYZ789abc=;EndpointSuffix=x", "abc123XYZ"),
        "connection string is empty",
    ),
    Pattern(
        "a field in an encoded address",
        When.NAMED,
        re.compile(rf"(?i)((?:{_HIDDEN_FIELDS}|code|key)%3D)(?:[^\s\"'&<>%]|%(?!26)){{6,8000}}"),
        r"\1",
        ("https%3A%2F%2Fx.blob.core.windows.net%2Fc%3Fsig%3Dhunter2zorp9%26se%3D2026", "hunter2zorp9"),
        "scope%3Dhttps%3A%2F%2Fai.azure.com",
    ),
    Pattern(
        "an element of XML",
        When.NAMED,
        re.compile(rf"(?i)(<(?:[a-z]{{1,20}}:)?(?:{_HIDDEN_FIELDS})>)[^<>\r\n]{{1,2000}}(?=<)"),
        r"\1",
        ("<password>hunter2</password>", "hunter2"),
        "<Code>AuthenticationFailed</Code>",
    ),
    Pattern(
        "a pair of name and value",
        When.NAMED,
        re.compile(
            rf"(?i)((?:{_HIDDEN_FIELDS}|_key|_token|session|ests[a-z]{{1,20}})"
            rf"\\{{0,8}}[\"']?[ \t\r\n,]{{1,20}}\\{{0,8}}[\"']?value\\{{0,8}}[\"']?[ \t]{{0,4}}[:=]"
            r"[ \t]{0,4}\\{0,8}[\"']?)(?!\[redacted\])[^\s\"',;<>\\]{4,8000}"
        ),
        r"\1",
        ('{"name":"AZURE_CLIENT_SECRET","value":"hunter2zorp9"}', "hunter2zorp9"),
        '{"name":"AZURE_CLIENT_ID","value":"b3bd0e3e-7631-4f42-be6f-69317695d447"}',
    ),
    Pattern(
        "an environment variable",
        When.NAMED,
        re.compile(
            r"(?<![A-Za-z0-9_])([A-Z][A-Z0-9_]{1,60}_(?:KEY|KEY[12]|SECRET|TOKEN|PASSWORD|PWD|PAT|SAS)"
            r"[\"']?[ \t]{0,4}[:=][ \t]{0,4}[\"']?)"
            r"[^\s\"',;<>}\[]{6,}"
        ),
        r"\1",
        ("export AZURE_AI_KEY=1fa644d35db41d94e5efaf89fc43c5fa", "1fa644d3"),
        "AZURE_TENANT_ID=b3bd0e3e-7631-4f42-be6f-69317695d447",
    ),
    Pattern(
        "an option of a command",
        When.NAMED,
        re.compile(
            r"(?i)((?:(?<=\s)|^)--?(?:[a-z]{1,20}-){0,3}(?:password|passwd|secret|token|key|sas|credential)"
            r"(?:[ \t]{1,4}|=)[\"']?)(?!-)[^\s\"']{4,}"
        ),
        r"\1",
        ("az login --service-principal --password hunter2zorp9 -t x", "hunter2zorp9"),
        "az login --tenant contoso.example",
    ),
    Pattern(
        "a login in Python",
        When.NAMED,
        re.compile(
            r"(?i)(\bauth\s{0,4}=\s{0,4}\(\s{0,4}[\"'][^\"'\r\n]{1,100}[\"']\s{0,4},\s{0,4}[\"'])[^\"'\r\n]{1,400}"
        ),
        r"\1",
        ("requests.get(u, auth=('user', 'hunter2'))", "hunter2"),
        "auth=('user', token())",
    ),
    Pattern(
        "a login of curl",
        When.NAMED,
        re.compile(r"(?i)(\s(?:-u|--user|--proxy-user)[ =]?[\"']?[^\s:\"']{1,100}:)[^\s\"']{1,200}"),
        r"\1",
        ("curl -u admin:hunter2 https://x.example", "hunter2"),
        "curl -u admin https://x.example",
    ),
    Pattern(
        "a login of a database tool",
        When.NAMED,
        re.compile(
            r"(?i)(\b(?:login|sqlcmd|bcp|mysql)[ \t](?:[^\s]{1,80}[ \t]{1,4}){0,12}?-p[ =]?)(?![ -])[^\s]{4,200}"
        ),
        r"\1",
        ("sqlcmd -S x -U sa -P hunter2zorp9", "hunter2zorp9"),
        "login failed for user -p",
    ),
    Pattern(
        "the code of a device sign-in",
        When.NAMED,
        re.compile(r"(?i)(\benter (?:the )?code )[A-Z0-9]{6,12}\b"),
        r"\1",
        ("open https://microsoft.com/devicelogin and enter the code ABCD1234E to authenticate", "ABCD1234E"),
        "enter the code",
    ),
    Pattern(
        "the address of a webhook",
        When.NAMED,
        re.compile(
            r"(?i)((?:hooks\.slack\.com/services|/IncomingWebhook|webhook\.office\.com/[a-z0-9]{1,20})/)[^\s\"'<>]{8,}"
        ),
        r"\1",
        ("https://hooks.slack.com/services/T00000000/B00000000/XXXXyyyyZZZZ1234", "XXXXyyyyZZZZ1234"),
        "https://hooks.slack.com/services/",
    ),
    Pattern(
        "a value after its name",
        When.NAMED,
        re.compile(
            rf"(?i){_NAME_BEGINS}((?:{_HIDDEN_FIELDS}|(?<![A-Za-z])key)[ \t]{{1,4}}"
            rf"(?:is[ \t]{{1,4}}|was[ \t]{{1,4}})?[\"'`]?)"
            rf"{_MIXED}"
        ),
        r"\1",
        ("the password is hunter2zorp9", "hunter2zorp9"),
        "the primary key 2024-10-21 was not found",
    ),
    Pattern(
        "a secret of a query",
        When.NAMED,
        re.compile(
            r"(?i)([?&#](?:sig|code|token|key|access_token|id_token|client_secret|subscription-key)=)[^\s\"'&<>#]{6,}"
        ),
        r"\1",
        ("https://f.azurewebsites.net/api/x?code=abcDEF123456==", "abcDEF123"),
        "https://x.example/?api-version=2025-12-01",
    ),
    Pattern(
        "where a list goes on",
        When.NAMED,
        re.compile(r"(?i)([?&](?:\$|%24)?skip_?token=)[^\s\"'&<>]{6,}"),
        r"\1",
        ("https://management.azure.com/x?api-version=1&$skiptoken=eyJuZXh0UGFydGl0", "eyJuZXh0UGFydGl0"),
        "https://management.azure.com/x?$filter=atScope()&api-version=1",
    ),
    Pattern(
        "a password in an address",
        When.ALWAYS,
        re.compile(r"(?i)(\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@\"']{1,100}:)[^\s/@\"']{1,200}(?=@)"),
        r"\1",
        ("postgres://agent:pass123@host/db", "pass123"),
        "https://contoso.example:443/a@b",
    ),
    Pattern(
        "a refresh token of Entra",
        When.ALWAYS,
        re.compile(
            r"(?<![A-Za-z0-9._-])(?:[01]\.A[A-Za-z0-9_-]{30,}|M\.[A-Z][0-9]{1,3}_[A-Za-z0-9.!*$_-]{30,})[A-Za-z0-9._-]*"
        ),
        "",
        ("0.AXXXabcdefghijklmnopqrstuvwxyz0123456789ABCD.AgABAAEAAA", "abcdefghijklm"),
        "version 0.A",
    ),
    Pattern(
        "a client secret of Entra",
        When.ALWAYS,
        re.compile(r"(?<![A-Za-z0-9_~.-])[A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{20,40}"),
        "",
        ("abc8Q~SecretSecretSecretSecretSecret12", "SecretSecret"),
        "about 8Q~ of it",
    ),
    # What Azure, GitHub and OpenAI mark by a fixed part, and the base64 of 64-byte and 32-byte keys, standing alone.
    Pattern(
        "a key known by its form",
        When.ALWAYS,
        re.compile(
            r"(?<![A-Za-z0-9+/=_-])(?:[A-Za-z0-9+/]{86}==|[A-Za-z0-9+/]{43}=|[A-Za-z0-9]{30,60}JQQJ99[A-Za-z0-9]{10,40}"
            r"|[A-Za-z0-9_+/-]{30,60}Az(?:Se|Fu|Ca|Ba)[A-Za-z0-9_+/-]{4,20}={0,2}|gh[pousr]_[A-Za-z0-9]{20,255}"
            r"|github_pat_[A-Za-z0-9_]{20,255}|sk-[A-Za-z0-9_-]{20,255}|xox[abeprs]-[A-Za-z0-9-]{10,255}|glpat-[A-Za-z0-9_-]{20,60}"
            r"|AKIA[A-Z0-9]{16}|Ew[A-F][A-Za-z0-9+/]{40,4000}={0,2}|AIza[A-Za-z0-9_-]{35}|dapi[0-9a-f]{32}|hf_[A-Za-z0-9]{30,60}|npm_[A-Za-z0-9]{36}|[a-z2-7]{52})"
            r"(?![A-Za-z0-9+/=])"
        ),
        "",
        ("token ghp_abcdefghijklmnopqrstuvwxyz0123456789", "ghp_abcdef"),
        "resp_0a91f7b2c3d4e5f60718293a4b5c6d7e8f9",
    ),
    # A key without a name, or the middle of a token over several lines: long, both letter cases, digits all over.
    Pattern(
        "a long run of mixed characters",
        When.ALWAYS,
        re.compile(
            r"(?<![A-Za-z0-9_-])(?=[A-Za-z0-9_-]{0,80}[a-z])(?=[A-Za-z0-9_-]{0,80}[A-Z])"
            r"(?:(?=[A-Za-z0-9_-]{0,80}[0-9])[A-Za-z0-9_-]{100,}|(?=(?:[A-Za-z_-]{1,16}[0-9]{1,6}){4})[A-Za-z0-9_-]{75,})"
        ),
        "",
        ("using aCcTlN99mhWp708DwGw5HqXDgLVXZx3scB8fnvGNx6jvr7SIftRutlZfOjUStEkUdfMI7zcpVMw0qDPAjd6O", "aCcTlN99"),
        "sha256:a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1",
    ),
)
"""In the order in which they are tried."""
