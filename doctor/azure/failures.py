"""Why no answer came, in sentences for the report."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from doctor.azure.proxies import shown
from doctor.azure.wire import Fault
from doctor.model.cause import Cause
from doctor.model.fact import Problem
from doctor.model.fix import Fix
from doctor.model.untrusted import clean

if TYPE_CHECKING:
    from doctor.azure.route import Route
    from doctor.azure.wire import WireFault

# OpenSSL's verification codes.
_NOT_YET_VALID = 9
_EXPIRED = 10
_OTHER_NAME = 62

_OPEN_THE_WAY = Fix(
    title="Open the way from this machine to the host: firewall, route, VPN or private endpoint.",
    note="`--connect-to HOST:443:OTHER_HOST:PORT` goes through a tunnel or another address instead.",
)


def problem_of(fault: WireFault, route: Route, issuer: str = "") -> Problem:
    """The problem behind a fault of the wire."""
    return replace(_problem_of(fault, route, issuer), host=route.host)


def _problem_of(  # noqa: PLR0911 - a table of faults
    fault: WireFault, route: Route, issuer: str
) -> Problem:
    if route.proxy and fault.fault in {Fault.PROXY, Fault.DNS, Fault.REFUSED, Fault.CONNECT_TIMEOUT}:
        return _proxy(fault, route)
    match fault.fault:
        case Fault.DNS:
            return _dns(fault, route)
        case Fault.UNTRUSTED:
            return _untrusted(fault, route, issuer)
        case Fault.TLS | Fault.NOT_HTTP | Fault.TOO_MUCH:
            return _foreign(fault, route)
        case Fault.CLOSED:
            return ended()
        case Fault.NOT_RECORDED:
            return Problem(Cause.NOT_CHECKABLE, f"No evidence: {clean(fault.detail)}.")
        case Fault.TIMEOUT:
            return _silent(fault, route)
        case Fault.PROXY:
            return _proxy(fault, route)
        case Fault.DROPPED | Fault.CONNECT_TIMEOUT | Fault.REFUSED:
            return _unreachable(fault, route)


def _silent(fault: WireFault, route: Route) -> Problem:
    return Problem(
        Cause.TIMED_OUT,
        f"{route.name} accepted the request and did not answer it whole in the time there was.",
        evidence=_evidence(fault, route),
        fixes=(Fix(title="Run again, with a longer `--timeout` if the network is slow."),),
    )


def _unreachable(fault: WireFault, route: Route) -> Problem:
    match fault.fault:
        case Fault.DROPPED:
            summary = f"{route.name} closed the connection without an answer."
        case Fault.CONNECT_TIMEOUT:
            summary = f"No connection to {route.name}: nothing answered on port {route.to_port} in time."
        case _:
            summary = f"No connection to {route.name}: {clean(fault.detail)}."
    return Problem(Cause.UNREACHABLE, summary, evidence=_evidence(fault, route), fixes=(_OPEN_THE_WAY,))


def ended() -> Problem:
    """Something was to be sent after the run."""
    return Problem(Cause.TIMED_OUT, "The run has ended; nothing is sent any more.")


def too_late(route: Route) -> Problem:
    """The deadline came before the answer."""
    return Problem(
        Cause.TIMED_OUT,
        f"There was no time left for an answer of {route.name}.",
        fixes=(Fix(title="Run again with a longer `--timeout`."),),
        host=route.host,
    )


def _dns(fault: WireFault, route: Route) -> Problem:
    name = clean(route.to_host)
    return Problem(
        Cause.NAME_NOT_RESOLVED,
        f"The name {name} has no address here: {clean(fault.detail)}.",
        evidence=_evidence(fault, route),
        fixes=(
            Fix(
                title=f"Check the spelling of {name}, and that this machine's DNS can resolve it.",
                note="A private account resolves only where its privatelink zone is linked.",
            ),
        ),
    )


def _untrusted(fault: WireFault, route: Route, issuer: str) -> Problem:
    by = f" (issued by {clean(issuer)!r})" if issuer else ""
    if fault.code == _OTHER_NAME:
        summary = f"The certificate that {route.name} presents{by} is for another name: {clean(fault.detail)}."
    elif fault.code in {_EXPIRED, _NOT_YET_VALID}:
        state = "has expired" if fault.code == _EXPIRED else "is not valid yet"
        summary = f"The certificate of {route.name}{by} {state}, or this machine's clock is wrong."
    elif issuer:
        summary = (
            f"The certificate of {route.name} was issued by {clean(issuer)!r}, which this machine does not trust. "
            "Usually that is a proxy that inspects TLS."
        )
    else:
        summary = f"The TLS certificate of {route.name} is not trusted: {clean(fault.detail)}."
    whose = f" {clean(issuer)!r}" if issuer else ""
    return Problem(
        Cause.TLS_UNTRUSTED,
        summary,
        evidence=_evidence(fault, route),
        fixes=(
            Fix(
                title=f"If the certificate authority{whose} is your organisation's, get its root certificate as a PEM "
                "file and run again with `--ca-file FILE` (or set SSL_CERT_FILE).",
            ),
        ),
    )


def _foreign(fault: WireFault, route: Route) -> Problem:
    return Problem(
        Cause.NOT_AZURE,
        f"Something that is not Azure answered in the place of {route.name}: {clean(fault.detail)}.",
        evidence=_evidence(fault, route),
        fixes=(Fix(title="Check the address, the port, and what stands between this machine and Azure."),),
    )


def _proxy(fault: WireFault, route: Route) -> Problem:
    proxy = clean(shown(route.proxy)) if route.proxy else "the proxy"
    wants_login = fault.detail.startswith("407")
    summary = (
        f"The proxy {proxy} wants a login before it lets requests to {route.name} through."
        if wants_login
        else f"The proxy {proxy} failed for {route.name}: {clean(fault.detail)}."
    )
    return Problem(
        Cause.PROXY_FAILED,
        summary,
        evidence=_evidence(fault, route),
        fixes=(
            Fix(
                title="Set HTTPS_PROXY to a proxy that lets this host through (with user and password if it wants "
                "them), or name the host in NO_PROXY.",
            ),
        ),
    )


def _evidence(fault: WireFault, route: Route) -> tuple[str, ...]:
    lines = [f"{route.name}:{route.port}: {clean(fault.detail)}"]
    if route.rule:
        lines.append(f"--connect-to {route.rule} applies")
    if route.proxy:
        lines.append(f"through the proxy {clean(shown(route.proxy))}")
    return tuple(lines)
