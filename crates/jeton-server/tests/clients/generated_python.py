"""A client that openapi-python-client made: every module imports, every operation is there, and it signs somebody in."""

import importlib
import json
import os
import pathlib
import sys

sys.path.insert(0, os.getcwd())
package = importlib.import_module("made")

with open("openapi.json") as document:
    paths = json.load(document)["paths"]
wanted = {operation["operationId"] for item in paths.values() for operation in item.values()}

modules = [path for path in pathlib.Path("made/api").glob("*/*.py") if path.name != "__init__.py"]
for path in modules:
    importlib.import_module(".".join(path.with_suffix("").parts))
assert {path.stem for path in modules} == wanted, wanted ^ {path.stem for path in modules}
for path in pathlib.Path("made/models").glob("*.py"):
    importlib.import_module(".".join(path.with_suffix("").parts))

from made import AuthenticatedClient, Client
from made.api.accounts import get_profile, post_login
from made.models import CredentialsBody, Profile, TokenBody

tokens = post_login.sync(
    client=Client(base_url=os.environ["ISSUER"]), body=CredentialsBody(username="Romel", password="pass1425")
)
assert isinstance(tokens, TokenBody), tokens
profile = get_profile.sync(client=AuthenticatedClient(base_url=os.environ["ISSUER"], token=tokens.access_token))
assert isinstance(profile, Profile) and profile.username == "Romel", profile
