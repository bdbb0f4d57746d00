// jose with the service's key set.
import assert from 'node:assert/strict'
import { createRemoteJWKSet, jwtVerify } from 'jose'

const { ISSUER, USER_TOKEN, PROGRAM_TOKEN, REFRESH_TOKEN } = process.env
const keys = createRemoteJWKSet(new URL(`${ISSUER}/.well-known/jwks.json`))
const rules = { issuer: ISSUER, audience: ISSUER, typ: 'at+jwt', requiredClaims: ['sub', 'client_id', 'jti', 'iat'] }

const { payload } = await jwtVerify(USER_TOKEN, keys, rules)
assert.equal(payload.username, 'Romel')
assert.equal((await jwtVerify(PROGRAM_TOKEN, keys, rules)).payload.scope, 'revocations:read')
await assert.rejects(jwtVerify(REFRESH_TOKEN, keys, rules))
await assert.rejects(jwtVerify(USER_TOKEN, keys, { ...rules, audience: 'another' }), { claim: 'aud' })
