"""Apache with mod_auth_openidc as Debian has it, and the settings that its preset prints: it signs a person in,
refreshes, signs out, and refuses ID tokens that are not for it."""

import os
import subprocess
from pathlib import Path
from urllib.parse import quote, urlsplit

import requests
from person import ISSUER, Person, id_tokens

APPLICATION = os.environ["APPLICATION"]
here = Path.cwd()
callback = f"{APPLICATION}/oidc/callback"
modules = "mpm_event authn_core authz_core authz_user headers status auth_openidc"
(here / "apache.conf").write_text(
    "\n".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so" for name in modules.split())
    + f"""
ServerRoot {here}
ServerName 127.0.0.1
Listen 127.0.0.1:{urlsplit(APPLICATION).port}
User www-data
Group www-data
PidFile {here}/apache.pid
ErrorLog {here}/error.log
StartServers 1

{os.environ["SETTINGS"]}
OIDCInfoHook userinfo id_token access_token refresh_token

<Location /me>
    SetHandler server-status
    Header set X-User "expr=%{{REMOTE_USER}}"
</Location>
"""
)
program = ["/usr/sbin/apache2", "-d", here, "-f", here / "apache.conf"]
apache = subprocess.Popen([*program, "-D", "FOREGROUND"])


def is_there():
    try:
        return requests.get(f"{APPLICATION}/me", allow_redirects=False).status_code == 302
    except requests.ConnectionError:
        assert apache.poll() is None, (here / "error.log").read_text()
        return False


def sign_in(person):
    return person.visit(f"{APPLICATION}/me")


def info(person):
    return person.browser.get(callback, params={"info": "json"}).json()


try:
    while not is_there():
        pass
    person = Person()
    answer = sign_in(person)
    assert answer.headers.get("x-user") == "Romel", (answer.status_code, answer.text, (here / "error.log").read_text())
    before = info(person)
    assert before["userinfo"]["sub"] == before["id_token"]["sub"]

    where = f"{callback}?refresh={quote(f'{APPLICATION}/me', safe='')}&access_token={before['access_token']}"
    answer = person.visit(where)
    assert answer.url == f"{APPLICATION}/me" and answer.status_code == 200, answer.url
    after = info(person)
    assert after["access_token"] != before["access_token"] and after["refresh_token"] != before["refresh_token"]

    bye = f"{APPLICATION}/"
    assert person.visit(f"{callback}?logout={quote(bye, safe='')}", bye) == bye
    assert person.visit(f"{APPLICATION}/me", f"{ISSUER}/signin").startswith(f"{ISSUER}/signin")

    id_tokens("again")
    assert sign_in(Person()).headers.get("x-user") == "Romel"
    refusals = {
        "forged": "JWT signature verification failed",
        "expired": '"exp" validation failure',
        "elsewhere": 'did not match the "aud" claim value',
    }
    for how, cause in refusals.items():
        id_tokens(how)
        said = len((here / "error.log").read_text())
        answer = sign_in(Person())
        assert "x-user" not in answer.headers and "Error" in answer.text, how
        assert cause in (here / "error.log").read_text()[said:], how
finally:
    apache.terminate()
    apache.wait()
