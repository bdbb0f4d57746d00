// openid-client by discovery, of an issuer with a path.
import assert from 'node:assert/strict'
import * as client from 'openid-client'

const { ISSUER } = process.env
const options = { algorithm: 'oauth2', execute: [client.allowInsecureRequests] }
const config = await client.discovery(new URL(ISSUER), 'jeton', undefined, client.None(), options)
assert.equal(config.serverMetadata().issuer, ISSUER)
assert.equal(config.serverMetadata().token_endpoint, `${ISSUER.replace(/\/$/, '')}/oauth/token`)
