"""A Flask application behind Authlib's resource protector for JWT access tokens (RFC 9068)."""

import os

import requests
from authlib.integrations.flask_oauth2 import ResourceProtector, current_token
from authlib.oauth2.rfc8414 import get_well_known_url
from authlib.oauth2.rfc9068 import JWTBearerTokenValidator
from flask import Flask, jsonify
from person import Person, altered, granted

ISSUER = os.environ["ISSUER"]


class Validator(JWTBearerTokenValidator):
    def get_jwks(self):
        metadata = requests.get(get_well_known_url(self.issuer, external=True, suffix="oauth-authorization-server"))
        return requests.get(metadata.json()["jwks_uri"]).json()


require_oauth = ResourceProtector()
require_oauth.register_token_validator(Validator(issuer=ISSUER, resource_server=ISSUER))
app = Flask(__name__)


@app.get("/anybody")
@require_oauth()
def anybody():
    return jsonify(sub=current_token["sub"])


@app.get("/admins")
@require_oauth(roles="admin")
def admins():
    return jsonify(sub=current_token["sub"])


@app.get("/feed")
@require_oauth("revocations:read")
def feed():
    return jsonify(sub=current_token["sub"])


def status(path, token):
    return app.test_client().get(path, headers={"Authorization": f"Bearer {token}"}).status_code


person = Person("ada")
tokens = granted(person)
token = tokens["access_token"]
assert status("/anybody", token) == 200
assert status("/admins", token) == 200
assert status("/feed", token) == 403
assert status("/anybody", altered(token, "again")) == 200
for how in ("forged", "expired", "elsewhere"):
    assert status("/anybody", altered(token, how)) == 401, how
assert status("/anybody", tokens["id_token"]) == 401
