// An Express application behind express-openid-connect: it signs a person in, refreshes, signs out, here and there.
import assert from 'node:assert/strict'
import express from 'express'
import openid from 'express-openid-connect'
import { Person } from './person.mjs'

const { ISSUER, CLIENT_ID, CLIENT_SECRET, APPLICATION } = process.env
const { auth, requiresAuth } = openid
const app = express()
app.use(
  auth({
    issuerBaseURL: ISSUER,
    baseURL: APPLICATION,
    clientID: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    secret: 'a secret of the test of 32 bytes',
    idTokenSigningAlg: 'ES256',
    authRequired: false,
    idpLogout: true,
    enableTelemetry: false,
    authorizationParams: { response_type: 'code', scope: 'openid profile email offline_access' },
  }),
)
app.get('/me', requiresAuth(), async (request, response) => {
  const about = await request.oidc.fetchUserInfo()
  response.json({ claims: request.oidc.user, about })
})
app.get('/refresh', requiresAuth(), async (request, response) => {
  const before = request.oidc.accessToken.access_token
  const { access_token: after } = await request.oidc.accessToken.refresh()
  response.json({ before, after, about: await request.oidc.fetchUserInfo() })
})
// Four parameters make it the one that answers errors.
app.use((error, _request, response, _next) => response.status(error.status ?? 500).send(error.message))
const server = app.listen(Number(new URL(APPLICATION).port), '127.0.0.1')

const person = new Person()
const { page } = await person.visit(`${APPLICATION}/me`)
const { claims, about } = JSON.parse(page)
assert.equal(claims.preferred_username, 'Romel')
assert.equal(about.sub, claims.sub)

const refreshed = JSON.parse((await person.visit(`${APPLICATION}/refresh`)).page)
assert.notEqual(refreshed.before, refreshed.after)
assert.equal(refreshed.about.sub, claims.sub)

// Back where it began, with a session neither here nor there.
const { url } = await person.visit(`${APPLICATION}/logout`)
assert.equal(url, `${APPLICATION}/`)
const login = (await person.ask(`${APPLICATION}/me`)).headers.get('location')
const silent = new URL(login)
silent.searchParams.set('prompt', 'none')
assert.equal((await person.visit(silent.href, APPLICATION)).searchParams.get('error'), 'login_required')

// It takes the token endpoint's word for the signature, as OpenID Connect Core 3.1.3.7 allows.
for (const [how, message] of [['again'], ['expired', /400 JWT timestamp/], ['elsewhere', /400 unexpected JWT/]]) {
  await fetch(`${ISSUER}/impostor/id-tokens?as=${how}`)
  const { status, page } = await new Person().visit(`${APPLICATION}/me`)
  if (message) assert.match(`${status} ${page}`, message)
  else assert.equal(status, 200, page)
}
server.close()
server.closeAllConnections()
