"""The openidconnect crate, built with the versions locked beside it, with a person's browser on the other side."""

import os
import subprocess

from person import Person, id_tokens

os.environ |= {"CALLBACK": "http://127.0.0.1:8765/callback", "BYE": "http://127.0.0.1:8765/bye"}
pipe = subprocess.PIPE
client = subprocess.Popen([os.environ["CLIENT_PROGRAM"]], stdin=pipe, stdout=pipe, text=True)


def say(line):
    client.stdin.write(f"{line}\n")
    client.stdin.flush()
    return client.stdout.readline().rstrip("\n")


def sign_in(person):
    return say(person.visit(say("sign-in"), os.environ["CALLBACK"]))


person = Person()
assert sign_in(person) == "signed in as Romel"
assert say("refresh") == "refreshed true Romel"
bye = person.visit(say("sign-out"), os.environ["BYE"])
assert bye == os.environ["BYE"], bye

id_tokens("again")
assert sign_in(person) == "signed in as Romel"
causes = {"forged": "Signature verification failed", "expired": "Expired", "elsewhere": "Invalid audiences"}
for how, cause in causes.items():
    id_tokens(how)
    said = sign_in(person)
    assert said.startswith("refused: ") and cause in said, (how, said)

client.stdin.close()
assert client.wait() == 0
