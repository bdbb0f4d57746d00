// openid-client signs a person in, refreshes, signs out, and refuses ID tokens that are not for it.
import assert from 'node:assert/strict'
import * as client from 'openid-client'
import { Person } from './person.mjs'

const { ISSUER, CLIENT_ID, CLIENT_SECRET } = process.env
const callback = 'http://127.0.0.1:8765/callback'
// Without the second it takes what the token endpoint says over TLS at its word, as OpenID Connect Core 3.1.3.7 allows.
const options = { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks] }
const config = await client.discovery(
  new URL(ISSUER),
  CLIENT_ID,
  undefined,
  client.ClientSecretBasic(CLIENT_SECRET),
  options,
)

/** Signs in once, with the person's browser at the service. */
async function signIn(person, pushed = false) {
  const pkceCodeVerifier = client.randomPKCECodeVerifier()
  const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()]
  const parameters = {
    redirect_uri: callback,
    scope: 'openid profile email offline_access',
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
    nonce: expectedNonce,
    max_age: '600',
  }
  const build = pushed ? client.buildAuthorizationUrlWithPAR : client.buildAuthorizationUrl
  const url = await person.visit((await build(config, parameters)).href, callback)
  return client.authorizationCodeGrant(config, url, {
    pkceCodeVerifier,
    expectedState,
    expectedNonce,
    maxAge: 600,
    idTokenExpected: true,
  })
}

const person = new Person()
const tokens = await signIn(person)
const { sub } = tokens.claims()
const about = await client.fetchUserInfo(config, tokens.access_token, sub)
assert.equal(about.preferred_username, 'Romel')
assert.equal((await client.tokenIntrospection(config, tokens.access_token)).active, true)

const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token)
assert.notEqual(refreshed.refresh_token, tokens.refresh_token)
assert.equal((await client.fetchUserInfo(config, refreshed.access_token, sub)).sub, sub)

const pushed = await signIn(person, true)
assert.equal(pushed.claims().sub, sub)
await client.tokenRevocation(config, pushed.refresh_token)
await assert.rejects(client.refreshTokenGrant(config, pushed.refresh_token), { error: 'invalid_grant' })

for (const [as, message] of [
  ['again'],
  ['forged', /signature/],
  ['expired', /timestamp/],
  ['elsewhere', /"aud"/],
]) {
  await fetch(`${ISSUER}/impostor/id-tokens?as=${as}`)
  if (!message) assert.equal((await signIn(person)).claims().sub, sub)
  else
    await assert.rejects(
      signIn(person),
      error => message.test(`${error.message} ${error.cause?.message}`) || assert.fail(error),
    )
}
await fetch(`${ISSUER}/impostor/id-tokens?as=honest`)

const bye = 'http://127.0.0.1:8765/bye'
const out = client.buildEndSessionUrl(config, {
  id_token_hint: refreshed.id_token ?? tokens.id_token,
  post_logout_redirect_uri: bye,
  state: 'x',
})
assert.equal((await person.visit(out.href, bye)).searchParams.get('state'), 'x')
const silent = client.buildAuthorizationUrl(config, {
  redirect_uri: callback,
  scope: 'openid',
  prompt: 'none',
  state: 'y',
  code_challenge: await client.calculatePKCECodeChallenge(client.randomPKCECodeVerifier()),
  code_challenge_method: 'S256',
})
assert.equal((await person.visit(silent.href, callback)).searchParams.get('error'), 'login_required')
