"""Authlib in a Flask application: it signs a person in, refreshes, signs out, and refuses ID tokens that are not for
it."""

import os
from urllib.parse import parse_qs, urlencode, urlsplit

from authlib.integrations.flask_client import OAuth
from flask import Flask
from person import ISSUER, Person, id_tokens

app = Flask(__name__)
app.secret_key = "a secret of the test's"
jeton = OAuth(app).register(
    "jeton",
    client_id=os.environ["CLIENT_ID"],
    client_secret=os.environ["CLIENT_SECRET"],
    server_metadata_url=f"{ISSUER}/.well-known/openid-configuration",
    client_kwargs={"scope": "openid profile email offline_access", "code_challenge_method": "S256"},
)
kept = {}


@app.get("/login")
def login():
    return jeton.authorize_redirect("http://127.0.0.1:8765/callback")


@app.get("/callback")
def callback():
    kept["token"] = jeton.authorize_access_token(leeway=60)
    return kept["token"]["userinfo"]


def sign_in(person):
    browser = app.test_client()
    url = person.visit(browser.get("/login").location, "http://127.0.0.1:8765/callback")
    return browser.get(f"/callback?{urlsplit(url).query}")


app.testing = True
person = Person()
claims = sign_in(person).json
assert claims["preferred_username"] == "Romel", claims
assert claims["iss"] == ISSUER
token = kept["token"]
assert jeton.userinfo(token=token)["sub"] == claims["sub"]

with app.test_request_context():
    server = jeton.load_server_metadata()
    refreshed = jeton._get_oauth_client(**server).refresh_token(server["token_endpoint"], token["refresh_token"])
assert refreshed["refresh_token"] != token["refresh_token"]
assert jeton.userinfo(token=refreshed)["sub"] == claims["sub"]

id_tokens("again")
assert sign_in(person).status_code == 200
for how, error in {
    "forged": "BadSignatureError",
    "expired": "ExpiredTokenError",
    "elsewhere": "MissingClaimError",
}.items():
    id_tokens(how)
    try:
        answer = sign_in(person)
    except Exception as refused:
        assert type(refused).__name__ == error, repr(refused)
    else:
        raise AssertionError(f"{how}: {answer.text}")
id_tokens("honest")

bye = "http://127.0.0.1:8765/bye"
query = {"id_token_hint": token["id_token"], "post_logout_redirect_uri": bye, "state": "x"}
url = person.visit(f"{server['end_session_endpoint']}?{urlencode(query)}", bye)
assert parse_qs(urlsplit(url).query)["state"] == ["x"], url
