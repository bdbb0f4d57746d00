// oidc-client-ts in Chromium, on a page of another origin than the service's: a public client.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import http from 'node:http'
import { createRequire } from 'node:module'
import { Browser } from './webdriver.mjs'

const { ISSUER, CLIENT_ID, APPLICATION } = process.env
const library = createRequire(import.meta.url)
  .resolve('oidc-client-ts')
  .replace(/dist\/.*/, 'dist/browser/oidc-client-ts.min.js')
const page = `<!doctype html>
<title>An application</title>
<p id="state"></p>
<script src="/oidc-client-ts.js"></script>
<script type="module">
  const state = document.querySelector('#state')
  window.manager = new oidc.UserManager({
    authority: '${ISSUER}',
    client_id: '${CLIENT_ID}',
    redirect_uri: '${APPLICATION}/callback',
    post_logout_redirect_uri: '${APPLICATION}/bye',
    scope: 'openid profile offline_access',
    loadUserInfo: true,
    automaticSilentRenew: false,
  })
  try {
    if (location.pathname === '/callback') await manager.signinCallback()
    if (location.pathname === '/bye') await manager.signoutCallback()
    state.textContent = (await manager.getUser())?.profile.preferred_username ?? 'nobody'
  } catch (error) {
    state.textContent = String(error)
  }
</script>`

const server = http.createServer(async (request, response) => {
  const isLibrary = request.url === '/oidc-client-ts.js'
  response.setHeader('content-type', isLibrary ? 'text/javascript' : 'text/html; charset=utf-8')
  response.end(isLibrary ? await readFile(library) : page)
})
server.listen(Number(new URL(APPLICATION).port), '127.0.0.1')

const browser = await Browser.open(`${process.cwd()}/profile`)
try {
  await browser.go(`${APPLICATION}/`)
  assert.equal(await browser.text('#state:not(:empty)'), 'nobody')
  await browser.evaluate('void setTimeout(() => manager.signinRedirect())')
  await browser.type('form[action="/signin"] [name=username]', 'Romel')
  await browser.type('form[action="/signin"] [name=password]', 'pass1425')
  await browser.click('form[action="/signin"] button.main')
  await browser.click('form[action="/consent"] [value=allow]')
  assert.equal(await browser.text('#state:not(:empty)'), 'Romel')

  const user = () => browser.evaluate('manager.getUser()')
  const before = await user()
  await browser.evaluate('manager.signinSilent()')
  const after = await user()
  assert.notEqual(after.access_token, before.access_token)
  assert.notEqual(after.refresh_token, before.refresh_token)

  /** What the page itself may read of the answer. */
  const about = token =>
    browser.evaluate(`fetch('${ISSUER}/oauth/userinfo', { headers: { authorization: 'Bearer ${token}' } }).then(
      async answer => [answer.status, answer.headers.get('www-authenticate'), (await answer.json()).preferred_username])`)
  assert.deepEqual(await about(after.access_token), [200, null, 'Romel'])
  for (const how of ['forged', 'expired', 'elsewhere']) {
    const made = await fetch(`${ISSUER}/impostor/token?as=${how}`, { method: 'POST', body: after.access_token })
    const [status, cause] = await about(await made.text())
    assert.equal(status, 401)
    assert.match(cause, /invalid_token/)
  }

  await browser.evaluate(`manager.revokeTokens(['refresh_token'])`)
  await browser.evaluate('void setTimeout(() => manager.signoutRedirect())')
  assert.equal(await browser.text('#state:not(:empty)'), 'nobody')
  assert.ok((await browser.url()).startsWith(`${APPLICATION}/bye`), await browser.url())
  await browser.evaluate('void setTimeout(() => manager.signinRedirect())')
  await browser.type('form[action="/signin"] [name=username]', 'Romel')
} finally {
  await browser.close()
  server.close()
  server.closeAllConnections()
}
