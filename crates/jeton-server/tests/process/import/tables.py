"""Writes the user tables of four applications, each made by the library the application uses.

Started with a folder; the password of every user is "PASSWORD_OF_" and the name.
"""

import csv
import json
import sqlite3
import sys
from pathlib import Path

import bcrypt
import django
from django.conf import settings
from passlib.context import CryptContext
from werkzeug.security import generate_password_hash

folder = Path(sys.argv[1])


def password(name):
    return f"PASSWORD_OF_{name}, ça va?"


def write_csv(file, header, rows):
    with open(folder / file, "w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(header)
        writer.writerows(rows)


def werkzeug():
    methods = ["scrypt", "scrypt:1024:8:1", "pbkdf2:sha256:1000", "pbkdf2:sha1:1000", "pbkdf2:sha512:1000"]
    names = [(f"flask{number}", method) for number, method in enumerate(methods)]
    rows = [[name, f"{name}@example.org", generate_password_hash(password(name), method)] for name, method in names]
    write_csv("werkzeug.csv", ["username", "email", "password_hash"], rows)


def django_users():
    """A table of Django's own user model, dumped as `sqlite3 -csv -header` does."""
    hashers = ["PBKDF2", "PBKDF2SHA1", "Argon2", "BCryptSHA256", "BCrypt", "Scrypt"]
    database = folder / "django.sqlite3"
    settings.configure(
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": database}},
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes"],
        PASSWORD_HASHERS=[f"django.contrib.auth.hashers.{name}PasswordHasher" for name in hashers],
        USE_TZ=True,
    )
    django.setup()
    from django.contrib.auth import hashers as module
    from django.contrib.auth.models import User
    from django.core.management import call_command

    module.PBKDF2PasswordHasher.iterations = 1000
    module.BCryptSHA256PasswordHasher.rounds = 4
    call_command("migrate", verbosity=0)
    for number, hasher in enumerate(module.get_hashers()):
        user = User(username=f"django{number}", email=f"django{number}@example.org")
        user.password = module.make_password(password(user.username), hasher=hasher)
        user.save()
    User.objects.create_user("django_disabled", password=password("django_disabled"), is_active=False)
    User.objects.create_user("django_unusable")
    table = sqlite3.connect(database).execute("SELECT * FROM auth_user ORDER BY id")
    write_csv("django.csv", [column[0] for column in table.description], table)


def passlib():
    schemes = {
        "pbkdf2_sha256": {"rounds": 1000},
        "pbkdf2_sha512": {"rounds": 1000},
        "scrypt": {"rounds": 8},
        "bcrypt": {"rounds": 4},
        "bcrypt_sha256": {"rounds": 4},
        "argon2": {"rounds": 1, "memory_cost": 64},
        "sha256_crypt": {"rounds": 1000},
        "sha512_crypt": {"rounds": 1000},
    }
    context = CryptContext(schemes=list(schemes))
    with open(folder / "passlib.jsonl", "w") as out:
        for scheme, settings in schemes.items():
            name = f"passlib_{scheme}"
            hashed = context.handler(scheme).using(**settings).hash(password(name))
            row = {"login": name, "hashed_password": hashed, "roles": ["editor"], "created_at": "2024-05-01T12:00:00Z"}
            out.write(json.dumps(row) + "\n")


def bcrypt_users():
    names = [f"bcrypt{number}" for number in range(3)]
    rows = [[name, bcrypt.hashpw(password(name).encode(), bcrypt.gensalt(4)).decode()] for name in names]
    write_csv("bcrypt.csv", ["user", "password"], rows)


werkzeug()
django_users()
passlib()
bcrypt_users()
