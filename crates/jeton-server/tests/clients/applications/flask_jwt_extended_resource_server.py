"""A Flask application behind Flask-JWT-Extended, for access tokens that a person let a client have."""


from flask import Flask, jsonify
from flask_jwt_extended import JWTManager, get_jwt, get_jwt_identity, jwt_required
from jwt import InvalidTokenError, PyJWKClient, PyJWKClientError, get_unverified_header
from person import ISSUER, Person, altered, granted

app = Flask(__name__)
app.config |= {
    "JWT_ALGORITHM": "ES256",
    "JWT_DECODE_ISSUER": ISSUER,
    "JWT_DECODE_AUDIENCE": ISSUER,
}
keys = PyJWKClient(f"{ISSUER}/.well-known/jwks.json")
jwt = JWTManager(app)


@jwt.decode_key_loader
def key(header, _claims):
    try:
        return keys.get_signing_key(header["kid"]).key
    except PyJWKClientError as unknown:
        raise InvalidTokenError(str(unknown)) from unknown


@app.get("/me")
@jwt_required()
def me():
    return jsonify(sub=get_jwt_identity(), roles=get_jwt().get("roles", []))


def ask(token):
    return app.test_client().get("/me", headers={"Authorization": f"Bearer {token}"})


tokens = granted(Person("ada"))
token = tokens["access_token"]
assert get_unverified_header(token)["typ"] == "at+jwt"
assert ask(token).json["roles"] == ["admin"], ask(token).json
assert ask(altered(token, "again")).status_code == 200
for how, message in {
    "forged": "Signature verification failed",
    "expired": "Token has expired",
    "elsewhere": "Audience doesn't match",
}.items():
    refused = ask(altered(token, how))
    assert refused.status_code in (401, 422) and refused.json["msg"] == message, (how, refused.json)
# An ID token is for the client, a refresh token for the service: neither opens anything here.
assert ask(tokens["id_token"]).status_code == 422
assert ask(tokens["refresh_token"]).status_code == 422
