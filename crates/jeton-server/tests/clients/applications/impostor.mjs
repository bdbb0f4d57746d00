// Stands where clients expect the service and passes on what they say to each other, but can give ID tokens of its
// own making in place of the service's. Its keys are in the key set: a token it signs is refused for one cause alone.
import http from 'node:http'
import { decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair, SignJWT } from 'jose'

const { LISTEN, UPSTREAM } = process.env
const ALGORITHMS = ['ES256', 'RS256']
const DAY = 24 * 60 * 60

const keys = {}
for (const alg of ALGORITHMS) {
  const [published, unknown] = [await generateKeyPair(alg), await generateKeyPair(alg)]
  const kid = `impostor-${alg}`
  const jwk = { ...(await exportJWK(published.publicKey)), kid, alg, use: 'sig' }
  keys[alg] = { published: published.privateKey, unknown: unknown.privateKey, kid, jwk }
}

/** The claims of a token, signed anew: with nothing else changed, or so that it has to be refused. */
function made(token, as) {
  const { alg, typ } = decodeProtectedHeader(token)
  const claims = decodeJwt(token)
  if (as === 'expired') claims.exp -= DAY
  if (as === 'elsewhere') claims.aud = 'https://elsewhere.example'
  const key = keys[alg]
  return new SignJWT(claims)
    .setProtectedHeader({ alg, typ, kid: key.kid })
    .sign(as === 'forged' ? key.unknown : key.published)
}

let idTokensAs = 'honest'

async function altered(path, status, body) {
  if (status !== 200 || !body.length) return body
  if (path === '/.well-known/jwks.json') {
    const set = JSON.parse(body)
    set.keys.push(...ALGORITHMS.map(alg => keys[alg].jwk))
    return JSON.stringify(set)
  }
  if (path === '/oauth/token' && idTokensAs !== 'honest') {
    const answer = JSON.parse(body)
    if (answer.id_token) answer.id_token = await made(answer.id_token, idTokensAs)
    return JSON.stringify(answer)
  }
  return body
}

async function whole(stream) {
  const parts = []
  for await (const part of stream) parts.push(part)
  return Buffer.concat(parts)
}

http
  .createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, UPSTREAM)
    const body = await whole(request)
    if (pathname === '/impostor/id-tokens') {
      idTokensAs = searchParams.get('as')
      return response.end()
    }
    if (pathname === '/impostor/token') return response.end(await made(body.toString(), searchParams.get('as')))
    const { method, headers } = request
    const passed = http.request(UPSTREAM + request.url, {
      method,
      headers: { ...headers, 'accept-encoding': 'identity' },
    })
    passed.on('error', error => response.destroy(error))
    passed.on('response', async answer => {
      const sent = await altered(pathname, answer.statusCode, await whole(answer))
      const { 'transfer-encoding': _, 'content-length': length, ...rest } = answer.headers
      response.writeHead(
        answer.statusCode,
        length === undefined ? rest : { ...rest, 'content-length': Buffer.byteLength(sent) },
      )
      response.end(sent)
    })
    passed.end(body)
  })
  .listen(LISTEN, '127.0.0.1', () => console.log('passes on'))
