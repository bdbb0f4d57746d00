// openid-client by discovery: a token for a program, and a session that is refreshed.
import assert from 'node:assert/strict'
import * as client from 'openid-client'

const { ISSUER, CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN } = process.env
const options = { algorithm: 'oauth2', execute: [client.allowInsecureRequests] }

for (const authentication of [client.ClientSecretBasic, client.ClientSecretPost]) {
  const config = await client.discovery(new URL(ISSUER), CLIENT_ID, undefined, authentication(CLIENT_SECRET), options)
  assert.equal(config.serverMetadata().issuer, ISSUER)
  const tokens = await client.clientCredentialsGrant(config, { scope: 'revocations:read' })
  assert.equal(tokens.token_type, 'bearer')
  assert.equal(tokens.scope, 'revocations:read')
  const feed = await client.fetchProtectedResource(config, tokens.access_token, new URL(`${ISSUER}/revocations`), 'GET')
  assert.equal(feed.status, 200)
}

const own = await client.discovery(new URL(ISSUER), 'jeton', undefined, client.None(), options)
const tokens = await client.refreshTokenGrant(own, REFRESH_TOKEN)
assert.ok(tokens.access_token && tokens.refresh_token)

const wrong = await client.discovery(new URL(ISSUER), CLIENT_ID, undefined, client.ClientSecretBasic('wrong'), options)
await assert.rejects(client.clientCredentialsGrant(wrong), { status: 401 })
