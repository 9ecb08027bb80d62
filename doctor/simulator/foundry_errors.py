"""The refusals of the Foundry endpoint, each in a dialect that public issues quote."""

from __future__ import annotations

from doctor.simulator.wire import Json, Refused, Reply, json_reply, unsimulated

HELP = "For instructions on granting the necessary permissions, see https://aka.ms/FoundryPermissions."
_NGINX = (
    "<html>\r\n<head><title>403 Forbidden</title></head>\r\n<body>\r\n<center><h1>403 Forbidden</h1></center>\r\n"
    "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)


def refused(status: int, code: str | None, message: str, **more: object) -> Refused:
    """An error in the shape `{"error": {"code", "message"}}`."""
    error: Json = {"code": code, "message": message, **more}
    return Refused(json_reply(status, {"error": error}))


def token_refused(audience: str) -> Refused:
    """401: no token, a bad one, an expired one, or one for another audience; the service does not say which."""
    message = f"Unauthorized. Access token is missing, invalid, audience is incorrect ({audience}), or have expired."
    return Refused(json_reply(401, {"statusCode": 401, "message": message}))


def tenant_refused(token_tenant: str) -> Refused:
    """400: the token's tenant is not the account's."""
    code = "Tenant provided in token does not match resource token"
    return refused(400, code, f"Token tenant {token_tenant} does not match resource tenant.")


def permission_denied(principal: str, action: str, operation: str, dialect: str) -> Refused:
    """The missing data action: 401 `PermissionDenied`, or its newer form, 403 `Identity(object id: …)`."""
    if dialect == "identity":
        return refused(
            403, "Forbidden", f"Identity(object id: {principal}) does not have permissions for {action} actions."
        )
    message = (
        f"The principal `{principal}` lacks the required data action `{action}` to perform `{operation}` operation."
    )
    return refused(401, "PermissionDenied", f"{message} {HELP}")


def network_refused(kind: str) -> Refused:
    """403 of a network rule: `public-access-disabled`, `firewall`, or nginx's page for `html`."""
    if kind == "html":
        return Refused(Reply(403, _NGINX.encode(), {"content-type": "text/html"}))
    texts = {
        "public-access-disabled": "Public access is disabled. Please configure private endpoint.",
        "firewall": "Access denied due to Virtual Network/Firewall rules.",
    }
    return refused(403, "403", texts[kind])


def api_version_missing() -> Refused:
    """400: no api-version."""
    return refused(400, "BadRequest", "Missing required query parameter: api-version")


def api_version_unknown(version: str) -> Refused:
    """400: an api-version that the service does not know; the text is simulated."""
    return refused(400, "BadRequest", f"API version not supported: {version}")


def not_simulated(method: str, path: str) -> Refused:
    """501 with a header of our own: Azure may have this route, the simulator has not."""
    return Refused(unsimulated(method, path))


def not_found() -> Refused:
    """404 of the gateway: no such route, or no such thing on it."""
    return refused(404, "404", "Resource not found")


def project_not_found() -> Refused:
    """404: the account exists, the project does not. The code is simulated."""
    return refused(404, "NotFound", "The project does not exist.")


def content_refused(message: str, parameter: str | None, code: str) -> Refused:
    """400 in the dialect of the Responses API: the request was let in, its content was not."""
    return refused(400, code, message, type="invalid_request_error", param=parameter)
