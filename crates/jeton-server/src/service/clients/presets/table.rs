use super::Preset;
use crate::model::client::registration::{
    ClientAuthentication::{None as Public, Secret},
    IdTokenAlg::{Es256, Rs256},
    Pkce::{Optional, Required},
};

const WHO: &[&str] = &["openid", "profile", "email"];
const WHO_FOR_LONG: &[&str] = &["openid", "profile", "email", "offline_access"];
const WHO_AND_ROLES: &[&str] = &["openid", "profile", "email", "roles"];

/// Every preset, in the order of their names.
pub static ALL: [Preset; 14] = [
    Preset {
        name: "forgejo",
        title: "Forgejo",
        url: "http://localhost:3000",
        redirects: &["/user/oauth2/jeton/callback"],
        post_logout: &[],
        backchannel_logout: None,
        authentication: Secret,
        pkce: Required,
        id_token_alg: Rs256,
        scopes: WHO_AND_ROLES,
        place: "a command on the machine of Forgejo",
        settings: "\
forgejo admin auth add-oauth --name jeton --provider openidConnect \\
    --key '{client_id}' --secret '{client_secret}' \\
    --auto-discover-url '{issuer}/.well-known/openid-configuration' \\
    --scopes profile --scopes email --scopes roles \\
    --group-claim-name roles --admin-group admin
",
    },
    Preset {
        name: "gitea",
        title: "Gitea",
        url: "http://localhost:3000",
        redirects: &["/user/oauth2/jeton/callback"],
        post_logout: &[],
        backchannel_logout: None,
        authentication: Secret,
        pkce: Optional,
        id_token_alg: Rs256,
        scopes: WHO_AND_ROLES,
        place: "a command on the machine of Gitea",
        settings: "\
gitea admin auth add-oauth --name jeton --provider openidConnect \\
    --key '{client_id}' --secret '{client_secret}' \\
    --auto-discover-url '{issuer}/.well-known/openid-configuration' \\
    --scopes profile --scopes email --scopes roles \\
    --group-claim-name roles --admin-group admin
",
    },
    Preset {
        name: "grafana",
        title: "Grafana",
        url: "http://localhost:3000",
        redirects: &["/login/generic_oauth"],
        post_logout: &["/login"],
        backchannel_logout: None,
        authentication: Secret,
        pkce: Required,
        id_token_alg: Es256,
        scopes: &["openid", "profile", "email", "offline_access", "roles"],
        place: "grafana.ini",
        settings: "\
[server]
root_url = {url}/

[auth.generic_oauth]
enabled = true
name = Jeton
client_id = {client_id}
client_secret = {client_secret}
scopes = openid profile email offline_access roles
auth_url = {issuer}/oauth/authorize
token_url = {issuer}/oauth/token
api_url = {issuer}/oauth/userinfo
signout_redirect_url = {issuer}/oauth/logout?client_id={client_id}&post_logout_redirect_uri={in_query:url}%2Flogin
use_pkce = true
use_refresh_token = true
login_attribute_path = preferred_username
role_attribute_path = contains(roles[*], 'admin') && 'Admin' || 'Viewer'
",
    },
    Preset {
        name: "mcp",
        title: "Clients of the Model Context Protocol",
        url: "http://localhost",
        redirects: &[
            "http://localhost/callback",
            "http://127.0.0.1/callback",
            "http://localhost/oauth/callback",
        ],
        post_logout: &[],
        backchannel_logout: None,
        authentication: Public,
        pkce: Required,
        id_token_alg: Es256,
        scopes: WHO_FOR_LONG,
        place: "the client; the command is Claude Code's",
        settings: "\
claude mcp add --transport http --client-id '{client_id}' --callback-port 8080 NAME https://YOUR-SERVER/mcp
",
    },
    Preset {
        name: "mod_auth_openidc",
        title: "Apache with mod_auth_openidc",
        url: "http://localhost",
        redirects: &["/oidc/callback"],
        post_logout: &["/"],
        backchannel_logout: Some("/oidc/callback?logout=backchannel"),
        authentication: Secret,
        pkce: Required,
        id_token_alg: Es256,
        scopes: WHO_AND_ROLES,
        place: "the virtual host of Apache",
        settings: "\
OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCClientID {client_id}
OIDCClientSecret {client_secret}
OIDCRedirectURI {url}/oidc/callback
OIDCCryptoPassphrase \"exec:/usr/bin/openssl rand -base64 32\"
OIDCScope \"openid profile email roles\"
OIDCPKCEMethod S256
OIDCIDTokenSignedResponseAlg ES256
OIDCRemoteUserClaim preferred_username

<Location />
    AuthType openid-connect
    Require valid-user
</Location>
",
    },
    Preset {
        name: "mozilla-django-oidc",
        title: "Django with mozilla-django-oidc",
        url: "http://localhost:8000",
        redirects: &["/oidc/callback/"],
        post_logout: &["/"],
        backchannel_logout: None,
        authentication: Secret,
        pkce: Required,
        id_token_alg: Rs256,
        scopes: WHO,
        place: "settings.py",
        settings: "\
OIDC_RP_CLIENT_ID = '{client_id}'
OIDC_RP_CLIENT_SECRET = '{client_secret}'
OIDC_RP_SIGN_ALGO = 'RS256'
OIDC_RP_SCOPES = 'openid profile email'
OIDC_OP_AUTHORIZATION_ENDPOINT = '{issuer}/oauth/authorize'
OIDC_OP_TOKEN_ENDPOINT = '{issuer}/oauth/token'
OIDC_OP_USER_ENDPOINT = '{issuer}/oauth/userinfo'
OIDC_OP_JWKS_ENDPOINT = '{issuer}/.well-known/jwks.json'
OIDC_USE_PKCE = True
OIDC_PKCE_CODE_CHALLENGE_METHOD = 'S256'
",
    },
    Preset {
        name: "next-auth",
        title: "Next.js with Auth.js (next-auth)",
        url: "http://localhost:3000",
        redirects: &["/api/auth/callback/jeton"],
        post_logout: &["/"],
        backchannel_logout: None,
        authentication: Secret,
        pkce: Required,
        id_token_alg: Rs256,
        scopes: WHO_FOR_LONG,
        place: "providers of auth.ts",
        settings: "\
{
  id: \"jeton\",
  name: \"Jeton\",
  type: \"oidc\",
  issuer: \"{issuer}\",
  clientId: \"{client_id}\",
  clientSecret: \"{client_secret}\",
  checks: [\"pkce\", \"state\", \"nonce\"],
},
",
    },
    Preset {
        name: "nextcloud",
        title: "Nextcloud with the app user_oidc",
        url: "http://localhost:8080",
        redirects: &["/apps/user_oidc/code", "/index.php/apps/user_oidc/code"],
        post_logout: &["/", "/index.php"],
        backchannel_logout: None,
        authentication: Secret,
        pkce: Required,
        id_token_alg: Rs256,
        scopes: WHO,
        place: "a command in the folder of Nextcloud",
        settings: "\
php occ user_oidc:provider Jeton \\
    --clientid '{client_id}' --clientsecret '{client_secret}' \\
    --discoveryuri '{issuer}/.well-known/openid-configuration' \\
    --scope 'openid profile email' --mapping-uid preferred_username --unique-uid 0
",
    },
    Preset {
        name: "oauth2-proxy",
        title: "OAuth2 Proxy",
        url: "http://localhost:4180",
        redirects: &["/oauth2/callback"],
        post_logout: &["/"],
        backchannel_logout: None,
        authentication: Secret,
        pkce: Required,
        id_token_alg: Es256,
        scopes: WHO_FOR_LONG,
        place: "oauth2-proxy.cfg",
        settings: "\
provider = \"oidc\"
oidc_issuer_url = \"{issuer}\"
client_id = \"{client_id}\"
client_secret = \"{client_secret}\"
redirect_url = \"{url}/oauth2/callback\"
scope = \"openid profile email offline_access\"
code_challenge_method = \"S256\"
email_domains = [\"*\"]
",
    },
    Preset {
        name: "outline",
        title: "Outline",
        url: "http://localhost:3000",
        redirects: &["/auth/oidc.callback"],
        post_logout: &[],
        backchannel_logout: None,
        authentication: Secret,
        pkce: Optional,
        id_token_alg: Rs256,
        scopes: WHO_FOR_LONG,
        place: ".env",
        settings: "\
URL={url}
OIDC_CLIENT_ID={client_id}
OIDC_CLIENT_SECRET={client_secret}
OIDC_AUTH_URI={issuer}/oauth/authorize
OIDC_TOKEN_URI={issuer}/oauth/token
OIDC_USERINFO_URI={issuer}/oauth/userinfo
OIDC_LOGOUT_URI={issuer}/oauth/logout
OIDC_USERNAME_CLAIM=preferred_username
OIDC_DISPLAY_NAME=Jeton
OIDC_SCOPES=openid profile email offline_access
",
    },
    Preset {
        name: "portainer",
        title: "Portainer",
        url: "https://localhost:9443",
        redirects: &[""],
        post_logout: &[],
        backchannel_logout: None,
        authentication: Secret,
        pkce: Optional,
        id_token_alg: Rs256,
        scopes: WHO,
        place: "Settings, Authentication, OAuth, Custom",
        settings: "\
Client ID:         {client_id}
Client secret:     {client_secret}
Authorization URL: {issuer}/oauth/authorize
Access token URL:  {issuer}/oauth/token
Resource URL:      {issuer}/oauth/userinfo
Redirect URL:      {url}
Logout URL:        {issuer}/oauth/logout
User identifier:   preferred_username
Scopes:            openid profile email
Auth style:        In params
",
    },
    Preset {
        name: "proxmox",
        title: "Proxmox VE",
        url: "https://localhost:8006",
        redirects: &[""],
        post_logout: &[],
        backchannel_logout: None,
        authentication: Secret,
        pkce: Required,
        id_token_alg: Rs256,
        scopes: WHO,
        place: "a command on the machine of Proxmox",
        settings: "\
pveum realm add jeton --type openid --issuer-url '{issuer}' \\
    --client-id '{client_id}' --client-key '{client_secret}' \\
    --username-claim username --autocreate 1
",
    },
    Preset {
        name: "spring",
        title: "Spring Boot",
        url: "http://localhost:8080",
        redirects: &["/login/oauth2/code/jeton"],
        post_logout: &["", "/"],
        backchannel_logout: None,
        authentication: Secret,
        pkce: Optional,
        id_token_alg: Rs256,
        scopes: WHO,
        place: "application.properties",
        settings: "\
spring.security.oauth2.client.provider.jeton.issuer-uri={issuer}
spring.security.oauth2.client.provider.jeton.user-name-attribute=preferred_username
spring.security.oauth2.client.registration.jeton.client-id={client_id}
spring.security.oauth2.client.registration.jeton.client-secret={client_secret}
spring.security.oauth2.client.registration.jeton.scope=openid,profile,email
",
    },
    Preset {
        name: "vaultwarden",
        title: "Vaultwarden",
        url: "http://localhost:8000",
        redirects: &["/identity/connect/oidc-signin"],
        post_logout: &[],
        backchannel_logout: None,
        authentication: Secret,
        pkce: Required,
        id_token_alg: Rs256,
        scopes: WHO_FOR_LONG,
        place: ".env",
        settings: "\
DOMAIN={url}
SSO_ENABLED=true
SSO_AUTHORITY={issuer}
SSO_SCOPES=\"profile email offline_access\"
SSO_PKCE=true
SSO_CLIENT_ID={client_id}
SSO_CLIENT_SECRET={client_secret}
",
    },
];
