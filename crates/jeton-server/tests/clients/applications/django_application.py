"""A Django application that signs people in with mozilla-django-oidc and the settings that its preset prints, keeps
their sessions fresh, signs them out, and refuses ID tokens that are not for it."""

import os
import threading
from urllib.parse import parse_qs, urlencode, urlsplit
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django
import requests
from django.conf import settings
from person import ISSUER, Person, id_tokens

APPLICATION = os.environ["APPLICATION"]
metadata = requests.get(f"{ISSUER}/.well-known/openid-configuration").json()


def sign_out_url(request):
    query = {"id_token_hint": request.session["oidc_id_token"], "post_logout_redirect_uri": f"{APPLICATION}/"}
    return f"{metadata['end_session_endpoint']}?{urlencode(query)}"


printed = {}
exec(os.environ["SETTINGS"], {}, printed)
# A key of another kind signs only once everybody can know it.
printed["OIDC_RP_SIGN_ALGO"] = "ES256"
settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    SECRET_KEY="a secret of the test's",
    ROOT_URLCONF=__name__,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "application.db"}},
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "mozilla_django_oidc",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "mozilla_django_oidc.middleware.SessionRefresh",
    ],
    AUTHENTICATION_BACKENDS=[f"{__name__}.ForThisClient"],
    **printed,
    OIDC_OP_LOGOUT_URL_METHOD=f"{__name__}.sign_out_url",
    OIDC_STORE_ID_TOKEN=True,
    ALLOW_LOGOUT_GET_METHOD=True,
    LOGIN_REDIRECT_URL="/me",
    LOGOUT_REDIRECT_URL="/",
    LOGIN_REDIRECT_URL_FAILURE="/refused",
)
django.setup()

from django.core.exceptions import SuspiciousOperation
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse, JsonResponse
from django.urls import include, path
from mozilla_django_oidc.auth import OIDCAuthenticationBackend


class ForThisClient(OIDCAuthenticationBackend):
    """The library leaves the audience to its users."""

    def verify_token(self, token, **kwargs):
        claims = super().verify_token(token, **kwargs)
        if claims["aud"] != self.OIDC_RP_CLIENT_ID:
            raise SuspiciousOperation("The token is for another client.")
        return claims


def me(request):
    user = request.user
    return JsonResponse({"email": user.email if user.is_authenticated else None})


def later(request):
    """As if the session had last been renewed long ago."""
    request.session["oidc_id_token_expiration"] = 0
    return HttpResponse()


urlpatterns = [
    path("oidc/", include("mozilla_django_oidc.urls")),
    path("me", me),
    path("later", later),
    path("refused", lambda _: HttpResponse("refused", status=403)),
    path("", lambda _: HttpResponse("the beginning")),
]


class Silent(WSGIRequestHandler):
    def log_message(self, *_):
        pass


call_command("migrate", verbosity=0)
server = make_server("127.0.0.1", urlsplit(APPLICATION).port, get_wsgi_application(), handler_class=Silent)
threading.Thread(target=server.serve_forever, daemon=True).start()

email = "berta@example.org"
account = {"username": "berta", "password": "pass1425", "email": email}
requests.post(f"{ISSUER}/register", json=account).raise_for_status()
sign_in = f"{APPLICATION}/oidc/authenticate/"
person = Person("berta")
assert person.visit(sign_in).json() == {"email": email}

# Its way to refresh is to ask again without a word, which needs the session at the service alone.
person.browser.get(f"{APPLICATION}/later")
asked = person.browser.get(f"{APPLICATION}/me", allow_redirects=False).headers["location"]
assert parse_qs(urlsplit(asked).query)["prompt"] == ["none"]
assert person.visit(f"{APPLICATION}/me").json() == {"email": email}

answer = person.visit(f"{APPLICATION}/oidc/logout/")
assert answer.url == f"{APPLICATION}/", (answer.url, answer.status_code, answer.headers, answer.text)
assert person.visit(f"{APPLICATION}/me").json() == {"email": None}
assert person.visit(sign_in, f"{ISSUER}/signin").startswith(f"{ISSUER}/signin")

id_tokens("again")
assert Person("berta").visit(sign_in).json() == {"email": email}
# The library lets the error of an expired token through.
for how, status in {"forged": 400, "expired": 500, "elsewhere": 400}.items():
    id_tokens(how)
    person = Person("berta")
    answer = person.visit(sign_in)
    assert answer.status_code == status, (how, answer.text)
    assert person.visit(f"{APPLICATION}/me").json() == {"email": None}, how
