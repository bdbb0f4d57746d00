mod jwks;
mod oauth_authorization_server;
