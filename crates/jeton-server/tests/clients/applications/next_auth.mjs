// next-auth behind the two routes that Next.js would give it: it signs a person in, refreshes, signs out, and refuses
// ID tokens that are not for it.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import express from 'express'
import { Person } from './person.mjs'

const { ISSUER, CLIENT_ID, CLIENT_SECRET, APPLICATION } = process.env
process.env.NEXTAUTH_URL = APPLICATION
const { default: NextAuth } = createRequire(import.meta.url)('next-auth')
const errors = []

/** As its guide to refresh token rotation has it. */
async function refreshed(token) {
  const answer = await fetch(`${ISSUER}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: CLIENT_ID,
      client_secret: CLIENT_SECRET,
      refresh_token: token.refreshToken,
    }),
  })
  const { access_token: accessToken, refresh_token: refreshToken = token.refreshToken } = await answer.json()
  assert.equal(answer.status, 200)
  return { ...token, accessToken, refreshToken, refreshes: token.refreshes + 1 }
}

const handler = NextAuth({
  secret: 'a secret of the test of 32 bytes',
  providers: [
    {
      id: 'jeton',
      name: 'Jeton',
      type: 'oauth',
      wellKnown: `${ISSUER}/.well-known/openid-configuration`,
      authorization: { params: { scope: 'openid profile email offline_access' } },
      clientId: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
      idToken: true,
      client: { id_token_signed_response_alg: 'ES256' },
      checks: ['pkce', 'state', 'nonce'],
      profile: ({ sub, preferred_username: name, email }) => ({ id: sub, name, email }),
    },
  ],
  callbacks: {
    jwt({ token, account, trigger }) {
      if (account) {
        const { access_token: accessToken, refresh_token: refreshToken, id_token: idToken } = account
        return { ...token, accessToken, refreshToken, idToken, refreshes: 0 }
      }
      return trigger === 'update' ? refreshed(token) : token
    },
    session: ({ session, token }) => ({
      ...session,
      accessToken: token.accessToken,
      idToken: token.idToken,
      refreshes: token.refreshes,
    }),
  },
  logger: {
    error: (code, { error, message } = {}) => errors.push(`${code} ${error?.message ?? message}`),
    warn() {},
    debug() {},
  },
})

const app = express()
app.use(express.urlencoded({ extended: false }), express.json())
app.all('/api/auth/*nextauth', (request, response) => {
  const pairs = request.headers.cookie?.split('; ').map(pair => pair.split(/=(.*)/s).map(decodeURIComponent)) ?? []
  request.cookies = Object.fromEntries(pairs)
  Object.defineProperty(request, 'query', { value: { ...request.query, nextauth: request.params.nextauth } })
  return handler(request, response)
})
const server = app.listen(Number(new URL(APPLICATION).port), '127.0.0.1')

const path = name => `${APPLICATION}/api/auth/${name}`
const json = async answer => (await answer).json()

async function post(person, name, fields = {}) {
  const { csrfToken } = await json(person.ask(path('csrf')))
  return person.ask(path(name), {
    method: 'POST',
    body: new URLSearchParams({ csrfToken, callbackUrl: `${APPLICATION}/`, ...fields }),
  })
}

async function signIn(person) {
  const begun = await post(person, 'signin/jeton')
  await person.visit(begun.headers.get('location'))
  return json(person.ask(path('session')))
}

const person = new Person()
const session = await signIn(person)
assert.equal(session.user?.name, 'Romel', errors.join())

const { csrfToken } = await json(person.ask(path('csrf')))
const options = { method: 'POST', body: JSON.stringify({ csrfToken }), headers: { 'content-type': 'application/json' } }
const renewed = await json(person.ask(path('session'), options))
assert.equal(renewed.refreshes, 1)
const about = await fetch(`${ISSUER}/oauth/userinfo`, { headers: { authorization: `Bearer ${renewed.accessToken}` } })
assert.equal((await about.json()).preferred_username, 'Romel')

await post(person, 'signout')
assert.deepEqual(await json(person.ask(path('session'))), {})
const out = new URL(`${ISSUER}/oauth/logout`)
out.search = new URLSearchParams({ id_token_hint: session.idToken, post_logout_redirect_uri: `${APPLICATION}/` })
await person.visit(out.href, `${APPLICATION}/`)
assert.match(
  (await person.visit((await post(person, 'signin/jeton')).headers.get('location'), `${ISSUER}/signin`)).href,
  /return_to/,
)

for (const [how, message] of [
  ['again'],
  ['forged', /failed to validate JWT signature/],
  ['expired', /JWT expired/],
  ['elsewhere', /aud mismatch/],
]) {
  await fetch(`${ISSUER}/impostor/id-tokens?as=${how}`)
  errors.length = 0
  const session = await signIn(new Person())
  if (message) {
    assert.deepEqual(session, {})
    assert.match(errors.join(), message)
  } else assert.equal(session.user?.name, 'Romel', errors.join())
}
server.close()
server.closeAllConnections()
