// oauth4webapi, whose caller takes every step of the flow itself and sees each answer judged.
import assert from 'node:assert/strict'
import * as oauth from 'oauth4webapi'
import { Person } from './person.mjs'

const { ISSUER, CLIENT_ID, CLIENT_SECRET } = process.env
const client = { client_id: CLIENT_ID }
const callback = 'http://127.0.0.1:8765/callback'
const local = { [oauth.allowInsecureRequests]: true }

async function discover(algorithm) {
  const issuer = new URL(ISSUER)
  return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm, ...local }))
}
const as = await discover('oidc')
assert.deepEqual(await discover('oauth2'), as)

async function signIn(person, authentication = oauth.ClientSecretPost(CLIENT_SECRET)) {
  const verifier = oauth.generateRandomCodeVerifier()
  const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()]
  const url = new URL(as.authorization_endpoint)
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: CLIENT_ID,
    redirect_uri: callback,
    scope: 'openid email offline_access',
    state,
    nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    max_age: '600',
  })
  // It holds the answer's `iss` to the issuer, as the metadata promise one (RFC 9207).
  const parameters = oauth.validateAuthResponse(as, client, await person.visit(url.href, callback), state)
  const answer = await oauth.authorizationCodeGrantRequest(
    as,
    client,
    authentication,
    parameters,
    callback,
    verifier,
    local,
  )
  const tokens = await oauth.processAuthorizationCodeResponse(as, client, answer, {
    expectedNonce: nonce,
    maxAge: 600,
    requireIdToken: true,
  })
  await oauth.validateApplicationLevelSignature(as, answer, local)
  return { tokens, parameters, verifier }
}

const person = new Person()
const { tokens, parameters, verifier } = await signIn(person)
const { sub } = oauth.getValidatedIdTokenClaims(tokens)
await signIn(person, oauth.ClientSecretBasic(CLIENT_SECRET))

async function userinfo(token) {
  return oauth.processUserInfoResponse(as, client, sub, await oauth.userInfoRequest(as, client, token, local))
}
assert.equal((await userinfo(tokens.access_token)).email, undefined)

// An access token as RFC 9068 says, for the audience that it is for and no other.
const guarded = audience => {
  const request = new Request('https://api.example', { headers: { authorization: `Bearer ${tokens.access_token}` } })
  return oauth.validateJwtAccessToken(as, request, audience, local)
}
assert.equal((await guarded(ISSUER)).client_id, CLIENT_ID)
await assert.rejects(guarded('https://elsewhere.example'), /unexpected JWT "aud"/)

const secret = oauth.ClientSecretBasic(CLIENT_SECRET)
const refresh = async token =>
  oauth.processRefreshTokenResponse(as, client, await oauth.refreshTokenGrantRequest(as, client, secret, token, local))
const refreshed = await refresh(tokens.refresh_token)
await userinfo(refreshed.access_token)

const introspection = await oauth.introspectionRequest(as, client, secret, refreshed.access_token, local)
assert.equal((await oauth.processIntrospectionResponse(as, client, introspection)).active, true)

// A code twice: the second use is refused and revokes what the first gave.
const twice = await oauth.authorizationCodeGrantRequest(as, client, secret, parameters, callback, verifier, local)
await assert.rejects(oauth.processAuthorizationCodeResponse(as, client, twice), { error: 'invalid_grant' })
await assert.rejects(refresh(refreshed.refresh_token), { error: 'invalid_grant' })

for (const [how, message] of [
  ['again'],
  ['forged', /signature/],
  ['expired', /"exp"|timestamp/],
  ['elsewhere', /"aud"/],
]) {
  await fetch(`${ISSUER}/impostor/id-tokens?as=${how}`)
  if (message) await assert.rejects(signIn(person), message)
  else await signIn(person)
}
await fetch(`${ISSUER}/impostor/id-tokens?as=honest`)

const bye = 'http://127.0.0.1:8765/bye'
const out = new URL(as.end_session_endpoint)
out.search = new URLSearchParams({ id_token_hint: tokens.id_token, post_logout_redirect_uri: bye, state: 'x' })
assert.equal((await person.visit(out.href, bye)).searchParams.get('state'), 'x')
