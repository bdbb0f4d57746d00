"""PyJWT with the service's key set."""

import os

import jwt

ISSUER = os.environ["ISSUER"]
keys = jwt.PyJWKClient(f"{ISSUER}/.well-known/jwks.json")


def verified(token):
    key = keys.get_signing_key_from_jwt(token)
    return jwt.decode(token, key, algorithms=["ES256"], audience=ISSUER, issuer=ISSUER)


claims = verified(os.environ["USER_TOKEN"])
assert claims["username"] == "Romel", claims
assert verified(os.environ["PROGRAM_TOKEN"])["scope"] == "revocations:read"
try:
    verified(os.environ["REFRESH_TOKEN"])
    raise SystemExit("a refresh token passed")
except jwt.PyJWTError:
    pass
