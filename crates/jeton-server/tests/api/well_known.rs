mod jwks;
