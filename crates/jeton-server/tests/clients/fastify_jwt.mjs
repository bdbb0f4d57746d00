// A Fastify application behind @fastify/jwt, with keys by get-jwks.
import assert from 'node:assert/strict'
import Fastify from 'fastify'
import fjwt from '@fastify/jwt'
import buildGetJwks from 'get-jwks'

const { ISSUER, USER_TOKEN, PROGRAM_TOKEN, REFRESH_TOKEN } = process.env
const getJwks = buildGetJwks({ issuersWhitelist: [ISSUER] })
const fastify = Fastify()
fastify.register(fjwt, {
  decode: { complete: true },
  verify: { allowedIss: ISSUER, allowedAud: ISSUER },
  secret: (request, token) => {
    const { header: { kid, alg }, payload: { iss } } = token
    return getJwks.getPublicKey({ kid, domain: iss, alg })
  }
})
fastify.addHook('onRequest', async (request, reply) => {
  try {
    await request.jwtVerify()
  } catch (err) {
    reply.send(err)
  }
})
fastify.get('/', async request => request.user)

const ask = async token => fastify.inject({ url: '/', headers: { authorization: `Bearer ${token}` } })
const answer = await ask(USER_TOKEN)
assert.equal(answer.statusCode, 200, answer.body)
assert.equal(answer.json().payload?.username ?? answer.json().username, 'Romel')
assert.equal((await ask(PROGRAM_TOKEN)).statusCode, 200)
assert.notEqual((await ask(REFRESH_TOKEN)).statusCode, 200)
assert.notEqual((await ask(USER_TOKEN.slice(0, -8) + 'AAAAAAAA')).statusCode, 200)
