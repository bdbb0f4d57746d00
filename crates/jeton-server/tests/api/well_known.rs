mod jwks;
mod oauth_authorization_server;
mod openid_configuration;
