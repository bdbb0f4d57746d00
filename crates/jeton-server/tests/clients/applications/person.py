"""A person with a browser that keeps cookies, follows redirects, and fills in the service's forms."""

import os
from base64 import urlsafe_b64encode
from hashlib import sha256
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import requests

ISSUER = os.environ["ISSUER"]


class Forms(HTMLParser):
    """The forms of a page: where each sends its fields, and the fields."""

    def __init__(self, page):
        super().__init__()
        self.forms = {}
        self.fields = {}
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form":
            self.fields = self.forms[attributes.get("action", "")] = {}
        if tag == "input" and "name" in attributes:
            self.fields[attributes["name"]] = attributes.get("value", "")


class Person:
    def __init__(self, username="Romel", password="pass1425"):
        self.credentials = {"username": username, "password": password}
        self.browser = requests.Session()
        # No proxy of the machine the tests run on.
        self.browser.trust_env = False

    def visit(self, url, until=None):
        """Goes there and where it leads, signs in and agrees where asked; the last answer, or an address that begins
        with `until` and is not asked."""
        answer = self.browser.get(url, allow_redirects=False)
        for _ in range(30):
            if "location" in answer.headers:
                url = urljoin(answer.url, answer.headers["location"])
                if until and url.startswith(until):
                    return url
                answer = self.browser.get(url, allow_redirects=False)
                continue
            forms = Forms(answer.text).forms if answer.url.startswith(ISSUER) else {}
            if "/consent" in forms:
                answer = self.send(answer, "/consent", forms["/consent"] | {"decision": "allow"})
            elif "/signin" in forms:
                answer = self.send(answer, "/signin", forms["/signin"] | self.credentials)
            else:
                return answer
        raise AssertionError(f"no end of redirects at {url}")

    def send(self, page, action, fields):
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(page.url))
        url = urljoin(page.url, action)
        return self.browser.post(url, fields, headers={"origin": origin}, allow_redirects=False)


def id_tokens(how):
    """From here on the impostor gives ID tokens like this."""
    requests.get(f"{ISSUER}/impostor/id-tokens", {"as": how}).raise_for_status()


def altered(token, how):
    """This token as the impostor would have made it."""
    return requests.post(f"{ISSUER}/impostor/token", token, params={"as": how}).text


def granted(person, scope="openid profile roles offline_access"):
    """The tokens that the person lets the client have."""
    metadata = requests.get(f"{ISSUER}/.well-known/openid-configuration").json()
    callback = "http://127.0.0.1:8765/callback"
    verifier = "v" * 43
    challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    client = os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"]
    query = {
        "response_type": "code",
        "client_id": client[0],
        "redirect_uri": callback,
        "scope": scope,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    url = person.visit(f"{metadata['authorization_endpoint']}?{urlencode(query)}", callback)
    code = parse_qs(urlsplit(url).query)["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": callback, "code_verifier": verifier}
    answer = requests.post(metadata["token_endpoint"], form, auth=client)
    assert answer.ok, answer.text
    return answer.json()
