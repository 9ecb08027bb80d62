"""Text from a server, a resource name or a paste is hostile: make its controls visible and take its secrets out.

What is taken out: tokens (JSON web tokens, also cut short; Entra refresh tokens), keys and passwords by the name of
their field, header or connection string part, signatures of shared access, cookies, private keys, and keys known by
their form. What stays: object ids, request ids, action names, addresses, ordinary words. All of it in linear time.
"""

from __future__ import annotations

import re
import unicodedata

REDACTED = "[redacted]"

# A JWT, also one cut short after its header. A run of these characters is looked at once, from its beginning.
_JWT = re.compile(r"(?<![A-Za-z0-9_-])eyJ(?:[A-Za-z0-9_-]{17,}|[A-Za-z0-9_-]{5,}(?=\.eyJ))(?:\.[A-Za-z0-9_-]*){0,4}")
_SCHEME = re.compile(
    r"(?i)\b(bearer|basic|negotiate|pop|sharedaccesssignature|sharedkey|sharedkeylite)([ \t]{1,8})"
    r"(?![a-z_]{3,40}=[\"']?[^\s=])"
    r"(?=\S{0,400}(?:[0-9]|[a-z](?-i:[A-Z])|=(?:[\s\"',;]|$)))[A-Za-z0-9._~+/=:%&-]{8,}"
)
_HIDDEN_HEADERS = (
    r"(?:proxy-)?authorization|(?:set-)?cookie2?|api-key|x-api-key|ocp-apim-subscription-key|x-functions-key"
    r"|x-ms-authorization-auxiliary|x-ms-token-aad-[a-z-]{2,30}|x-zumo-auth|x-identity-header|x-ms-client-principal"
)
_HEADER = re.compile(
    rf"(?im)^([<>*| \t]{{0,40}})({_HIDDEN_HEADERS})([ \t]{{0,8}}[:=][ \t]{{0,8}})(?!\[redacted\])\S[^\r\n]*"
)
_NAMED_HEADER = re.compile(
    rf"(?i)([\"'])({_HIDDEN_HEADERS})(\\{{0,8}}[\"']?[ \t]{{0,4}}"
    rf"(?:[:=]|,[ \t\r\n]{{0,20}}\\{{0,8}}[\"']value\\{{0,8}}[\"'][ \t]{{0,4}}:"
    rf"|,(?![ \t\r\n]{{0,20}}\\{{0,8}}[\"']value))"
    rf"(?![ \t]{{0,4}}\\{{0,8}}[\"']?\[redacted\])[ \t]{{0,4}}(?:\\{{0,8}}[\"'])?)"
    r"[^\"'\r\n\\]{4,}"
)
_HIDDEN_FIELDS = (
    r"(?:access|refresh|id|bearer|auth|session|sas)[_ -]?token|client[_ -]?secret|client[_ -]?assertion|assertion"
    r"|password|passwd|pwd|passphrase|account[_ -]?key|shared[_ -]?access[_ -]?(?:key|signature)|api[_ -]?key"
    r"|(?:primary|secondary|admin|query|master|function|host|subscription|private|storage|secret)[_ -]?key"
    r"|(?:primary|secondary)?connection[_ -]?string|code[_-]?verifier|device[_-]?code|sig|sas|secret|samlresponse"
    r"|secret[_ -]?access[_ -]?key"
)
_NAME_BEGINS = r"(?:(?<![A-Za-z0-9])|(?<=[a-z0-9])(?=(?-i:[A-Z])))"
_QUOTED_FIELD = re.compile(
    rf"(?i){_NAME_BEGINS}((?:{_HIDDEN_FIELDS})\\{{0,8}}[\"']?[ \t]{{0,4}}[:=][ \t]{{0,4}}"
    r"\\{0,8}([\"']))(?!\[redacted\])((?:(?!\2)[^\r\n\\]){1,8000})"
)
_FIELD = re.compile(
    rf"(?i){_NAME_BEGINS}((?:{_HIDDEN_FIELDS})[ \t]{{0,4}}[:=][ \t]{{0,4}})"
    r"([A-Za-z0-9._~+/%$@!^*#-][^\s\"'&;,<>})\]]{5,})"
)
# A value that could be a key: not an id, not a word, not a file name; letters and digits mixed.
_MIXED = (
    r"(?![0-9a-fA-F]{8}-[0-9a-fA-F]{4}-)(?=[^\s0-9]{0,60}[0-9])(?=[^\sA-Za-z]{0,60}[A-Za-z])"
    r"[A-Za-z0-9_~+/%$@!^*#=-]{8,400}(?![A-Za-z0-9_])"
)
_AFTER_ITS_NAME = re.compile(
    rf"(?i){_NAME_BEGINS}((?:{_HIDDEN_FIELDS}|(?<![A-Za-z])key)[ \t]{{1,4}}(?:is[ \t]{{1,4}}|was[ \t]{{1,4}})?[\"'`]?)"
    rf"{_MIXED}"
)
_VARIABLE = re.compile(
    r"(?<![A-Za-z0-9_])([A-Z][A-Z0-9_]{1,60}_(?:KEY|KEY[12]|SECRET|TOKEN|PASSWORD|PWD|PAT|SAS)"
    r"[\"']?[ \t]{0,4}[:=][ \t]{0,4}[\"']?)"
    r"[^\s\"',;<>}\[]{6,}"
)
_BRACED = re.compile(rf"(?i){_NAME_BEGINS}((?:{_HIDDEN_FIELDS})[ \t]{{0,4}}=[ \t]{{0,4}})\{{[^{{}}\r\n]{{1,200}}\}}")
_ENCODED = re.compile(rf"(?i)((?:{_HIDDEN_FIELDS}|code|key)%3D)(?:[^\s\"'&<>%]|%(?!26)){{6,8000}}")
_ELEMENT = re.compile(rf"(?i)(<(?:[a-z]{{1,20}}:)?(?:{_HIDDEN_FIELDS})>)[^<>\r\n]{{1,2000}}(?=<)")
_PAIR = re.compile(
    rf"(?i)((?:{_HIDDEN_FIELDS}|_key|_token|session|ests[a-z]{{1,20}})"
    rf"\\{{0,8}}[\"']?[ \t\r\n,]{{1,20}}\\{{0,8}}[\"']?value\\{{0,8}}[\"']?[ \t]{{0,4}}[:=]"
    r"[ \t]{0,4}\\{0,8}[\"']?)(?!\[redacted\])[^\s\"',;<>\\]{4,8000}"
)
_COOKIES = re.compile(
    r"(?i)([\"']cookies?\\{0,8}[\"'][ \t]{0,4}:\s{0,8}\[)[^\[\]]{4,20000}|(document\.cookie\s{0,4}=\s{0,4})[^\r\n]{4,}"
)
_OPTION = re.compile(
    r"(?i)((?:(?<=\s)|^)--?(?:[a-z]{1,20}-){0,3}(?:password|passwd|secret|token|key|sas|credential)"
    r"(?:[ \t]{1,4}|=)[\"']?)(?!-)[^\s\"']{4,}"
)
_USER_OPTION = re.compile(r"(?i)(\s(?:-u|--user|--proxy-user)[ =]?[\"']?[^\s:\"']{1,100}:)[^\s\"']{1,200}")
_LOGIN = re.compile(
    r"(?i)(\b(?:login|sqlcmd|bcp|mysql)[ \t](?:[^\s]{1,80}[ \t]{1,4}){0,12}?-p[ =]?)(?![ -])[^\s]{4,200}"
)
_AUTH_PAIR = re.compile(
    r"(?i)(\bauth\s{0,4}=\s{0,4}\(\s{0,4}[\"'][^\"'\r\n]{1,100}[\"']\s{0,4},\s{0,4}[\"'])[^\"'\r\n]{1,400}"
)
_USER_CODE = re.compile(r"(?i)(\benter (?:the )?code )[A-Z0-9]{6,12}\b")
_WEBHOOK = re.compile(
    r"(?i)((?:hooks\.slack\.com/services|/IncomingWebhook|webhook\.office\.com/[a-z0-9]{1,20})/)[^\s\"'<>]{8,}"
)
_KEY_LINE = re.compile(r"(?m)^[A-Za-z0-9+/=]{8,200}$|\bMII[A-Za-z0-9+/]{30,}={0,2}")
_QUERY = re.compile(
    r"(?i)([?&#](?:sig|code|token|key|access_token|id_token|client_secret|subscription-key)=)[^\s\"'&<>#]{6,}"
)
_USER_INFO = re.compile(r"(?i)(\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@\"']{1,100}:)[^\s/@\"']{1,200}(?=@)")
_PRIVATE_KEY = re.compile(
    r"-----BEGIN (?:[A-Z]{2,20} ){0,3}PRIVATE KEY-----[A-Za-z0-9+/=\s\\,:-]*?"
    r"(?:-----END (?:[A-Z]{2,20} ){0,3}PRIVATE KEY-----|\Z)"
)
_REFRESH_TOKEN = re.compile(
    r"(?<![A-Za-z0-9._-])(?:[01]\.A[A-Za-z0-9_-]{30,}|M\.[A-Z][0-9]{1,3}_[A-Za-z0-9.!*$_-]{30,})[A-Za-z0-9._-]*"
)
_CLIENT_SECRET = re.compile(r"(?<![A-Za-z0-9_~.-])[A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{20,40}")
# Keys that Azure, GitHub and OpenAI mark by a fixed part, and the base64 of 64-byte and 32-byte keys, standing alone.
_KEY = re.compile(
    r"(?<![A-Za-z0-9+/=_-])(?:[A-Za-z0-9+/]{86}==|[A-Za-z0-9+/]{43}=|[A-Za-z0-9]{30,60}JQQJ99[A-Za-z0-9]{10,40}"
    r"|[A-Za-z0-9_+/-]{30,60}Az(?:Se|Fu|Ca|Ba)[A-Za-z0-9_+/-]{4,20}={0,2}|gh[pousr]_[A-Za-z0-9]{20,255}"
    r"|github_pat_[A-Za-z0-9_]{20,255}|sk-[A-Za-z0-9_-]{20,255}|xox[abeprs]-[A-Za-z0-9-]{10,255}|glpat-[A-Za-z0-9_-]{20,60}"
    r"|AKIA[A-Z0-9]{16}|Ew[A-F][A-Za-z0-9+/]{40,4000}={0,2}|AIza[A-Za-z0-9_-]{35}|dapi[0-9a-f]{32}|hf_[A-Za-z0-9]{30,60}|npm_[A-Za-z0-9]{36}|[a-z2-7]{52})"
    r"(?![A-Za-z0-9+/=])"
)
# A key without a name, or the middle of a token that was broken over lines: long, both letter cases, digits all over.
_LONG_RUN = re.compile(
    r"(?<![A-Za-z0-9_-])(?=[A-Za-z0-9_-]{0,80}[a-z])(?=[A-Za-z0-9_-]{0,80}[A-Z])"
    r"(?:(?=[A-Za-z0-9_-]{0,80}[0-9])[A-Za-z0-9_-]{100,}|(?=(?:[A-Za-z_-]{1,16}[0-9]{1,6}){4})[A-Za-z0-9_-]{75,})"
)
_MAY_NAME_ONE = re.compile(
    r"(?i)key|secret|token|passw|passphrase|pwd|cookie|sig|sas|session|code|credential|assertion|connection|auth|login"
    r"|sqlcmd|bcp|mysql|-u|user|webhook|slack|samlresponse|value"
)
_NAMED = (
    _COOKIES,
    _QUOTED_FIELD,
    _BRACED,
    _FIELD,
    _ENCODED,
    _ELEMENT,
    _PAIR,
    _VARIABLE,
    _OPTION,
    _AUTH_PAIR,
    _USER_OPTION,
    _LOGIN,
    _USER_CODE,
    _WEBHOOK,
    _AFTER_ITS_NAME,
    _QUERY,
)
"""What is told by a name beside it; the first group stays."""


def redact(text: str) -> str:
    """The text without tokens, keys, cookies, passwords and signatures, in linear time."""
    if "PRIVATE KEY-----" in text:
        text = _KEY_LINE.sub(REDACTED, _PRIVATE_KEY.sub(REDACTED, text))
    text = _JWT.sub(REDACTED, text)
    text = _HEADER.sub(rf"\1\2\3{REDACTED}", text)
    text = _NAMED_HEADER.sub(rf"\1\2\3{REDACTED}", text)
    text = _SCHEME.sub(rf"\1\2{REDACTED}", text)
    if _MAY_NAME_ONE.search(text):
        for pattern in _NAMED:
            text = pattern.sub(rf"\1{REDACTED}", text)
    text = _USER_INFO.sub(rf"\1{REDACTED}", text)
    text = _REFRESH_TOKEN.sub(REDACTED, text)
    text = _CLIENT_SECRET.sub(REDACTED, text)
    text = _KEY.sub(REDACTED, text)
    return _LONG_RUN.sub(REDACTED, text)


def visible(text: str) -> str:
    """One line in which every control, format and bidirectional character is shown as an escape.

    What a continuous integration log would obey (`::error`, `##vso[`, `##[`) is broken up too.
    """
    if not text.isprintable():
        text = "".join(char if char.isprintable() else _show(char) for char in text)
    if "##" in text:
        text = text.replace("##vso[", "#\\#vso[").replace("##[", "#\\#[")
    return f"\\{text}" if text.startswith("::") else text


def _show(char: str) -> str:
    if char in "\n\r\t" or unicodedata.category(char) == "Zs":
        return " "
    return char.encode("unicode_escape", "backslashreplace").decode("ascii")


def clean(text: str) -> str:
    """Hostile text made fit for a report: redacted, then visible."""
    return visible(redact(text))
