"""The error bodies of Azure Resource Manager, each in its true shape: `{"error": {"code", "message"}}`.

Codes and texts: public issues and captures collected in the project's facts; a text that only its code is known for is
marked "simulated".
"""

from __future__ import annotations

from doctor.simulator.wire import Json, Refused, json_reply, unsimulated


def arm_error(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Refused:
    """An error reply of Resource Manager."""
    body: Json = {"error": {"code": code, "message": message}}
    return Refused(json_reply(status, body, {"x-ms-failure-cause": "gateway", **(headers or {})}))


def authorization_failed(client: str, object_id: str, action: str, scope: str) -> Refused:
    """403: the caller lacks a control-plane action. `client` is an application id or a user principal name."""
    return arm_error(
        403,
        "AuthorizationFailed",
        f"The client '{client}' with object id '{object_id}' does not have authorization to perform action "
        f"'{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, please refresh "
        "your credentials.",
    )


def challenge(login_host: str, tenant: str, error: str, description: str) -> dict[str, str]:
    """The WWW-Authenticate header that names the tenant of the subscription."""
    value = (
        f'Bearer authorization_uri="https://{login_host}/{tenant}", error="{error}", error_description="{description}"'
    )
    return {"WWW-Authenticate": value}


def missing_token(login_host: str, tenant: str) -> Refused:
    """401: no Authorization header; the header tells the tenant."""
    said = "The authentication failed because of missing 'Authorization' header."
    return arm_error(
        401,
        "AuthenticationFailed",
        "Authentication failed. The 'Authorization' header is missing.",
        challenge(login_host, tenant, "invalid_token", said),
    )


def invalid_token(login_host: str, tenant: str) -> Refused:
    """401: the token cannot be read or is not one that Entra issued."""
    return arm_error(
        401,
        "InvalidAuthenticationToken",
        "The access token is invalid.",
        challenge(login_host, tenant, "invalid_token", "Could not parse access token."),
    )


def wrong_tenant(login_host: str, tenant: str, token_tenant: str) -> Refused:
    """401: the token was issued by another tenant than the subscription's."""
    mine, yours = f"https://sts.windows.net/{tenant}/", f"https://sts.windows.net/{token_tenant}/"
    return arm_error(
        401,
        "InvalidAuthenticationTokenTenant",
        f"The access token is from the wrong issuer '{yours}'. It must match the tenant '{mine}' associated with this "
        f"subscription. Please use the authority (URL) 'https://{login_host}/{tenant}' to get the token. Note, if the "
        "subscription is transferred to another tenant there is no impact to the services, but information about new "
        "tenant could take time to propagate (up to an hour). If you just transferred your subscription and see this "
        "error message, please try back later.",
        challenge(
            login_host,
            tenant,
            "invalid_token",
            "The access token is from the wrong issuer. It must match the tenant associated with this subscription. "
            "Please use correct authority to get the token.",
        ),
    )


def wrong_audience(login_host: str, tenant: str, audience: str, allowed: str) -> Refused:
    """401: the token is for another resource than Resource Manager. The text after the code is simulated."""
    said = f"The access token has been obtained for wrong audience or resource '{audience}'."
    return arm_error(
        401,
        "InvalidAuthenticationTokenAudience",
        f"{said} It should exactly match with one of the allowed audiences '{allowed}'.",
        challenge(login_host, tenant, "invalid_token", said),
    )


def expired_token(login_host: str, tenant: str) -> Refused:
    """401: the token has expired. The text after the code is simulated."""
    said = "The access token expiry is in the past."
    return arm_error(401, "ExpiredAuthenticationToken", said, challenge(login_host, tenant, "invalid_token", said))


def subscription_not_found(subscription: str) -> Refused:
    """404: no such subscription."""
    return arm_error(404, "SubscriptionNotFound", f"The subscription '{subscription}' could not be found.")


def group_not_found(group: str) -> Refused:
    """404: no such resource group."""
    return arm_error(404, "ResourceGroupNotFound", f"Resource group '{group}' could not be found.")


def resource_not_found(kind: str, name: str, group: str) -> Refused:
    """404: no such resource. `kind` is the full resource type."""
    return arm_error(
        404,
        "ResourceNotFound",
        f"The Resource '{kind}/{name}' under resource group '{group}' was not found. For more details please go to "
        "https://aka.ms/ARMResourceNotFoundFix",
    )


def not_simulated(method: str, path: str) -> Refused:
    """501 with a header of our own: Azure may have this route, the simulator has not."""
    return Refused(unsimulated(method, path))


def api_version_missing() -> Refused:
    """400: no api-version, or an empty one."""
    return arm_error(
        400,
        "MissingApiVersionParameter",
        "The api-version query parameter (?api-version=) is required for all requests.",
    )


def api_version_invalid(version: str) -> Refused:
    """400: an api-version that is not one."""
    return arm_error(400, "InvalidApiVersionParameter", f"The api-version '{version}' is invalid.")


def type_unknown_there(kind: str, version: str, supported: tuple[str, ...]) -> Refused:
    """404: the resource type does not exist in that api-version."""
    namespace, _, rest = kind.partition("/")
    return arm_error(
        404,
        "InvalidResourceType",
        f"The resource type '{rest}' could not be found in the namespace '{namespace}' for api version '{version}'. "
        f"The supported api-versions are '{','.join(supported)}'.",
    )


def method_not_allowed(method: str) -> Refused:
    """405: queries are posted; the text is simulated."""
    return arm_error(405, "MethodNotAllowed", f"The requested resource does not support http method '{method}'.")


def bad_request(code: str, message: str) -> Refused:
    """400 with a code of its own."""
    return arm_error(400, code, message)
