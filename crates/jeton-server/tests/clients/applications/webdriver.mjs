// A headless Chromium, driven by its WebDriver.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf'

export class Browser {
  static async open(profile) {
    const driver = spawn('chromedriver', ['--port=0'], { stdio: ['ignore', 'pipe', 'inherit'] })
    process.on('exit', () => driver.kill())
    let port
    for await (const line of createInterface(driver.stdout)) {
      port = line.match(/started successfully on port (\d+)/)?.[1]
      if (port) break
    }
    const browser = new Browser()
    browser.driver = driver
    browser.base = `http://127.0.0.1:${port}/session`
    const args = [
      '--headless=new',
      '--no-sandbox',
      '--disable-dev-shm-usage',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
      `--user-data-dir=${profile}`,
    ]
    const capabilities = {
      alwaysMatch: {
        browserName: 'chrome',
        'goog:chromeOptions': { args },
        timeouts: { script: 60000, implicit: 60000 },
      },
    }
    const { sessionId } = await browser.#ask('POST', '', { capabilities })
    browser.base += `/${sessionId}`
    return browser
  }

  async #ask(method, path, body) {
    const options = method === 'GET' || method === 'DELETE' ? { method } : { method, body: JSON.stringify(body) }
    const answer = await fetch(this.base + path, options)
    const { value } = await answer.json()
    if (!answer.ok) throw new Error(`${value.error}: ${value.message.split('\n')[0]}`)
    return value
  }

  go(url) {
    return this.#ask('POST', '/url', { url })
  }

  url() {
    return this.#ask('GET', '/url')
  }

  /** The first element that this selector finds, once it is there. */
  async #find(selector) {
    return (await this.#ask('POST', '/element', { using: 'css selector', value: selector }))[ELEMENT]
  }

  async type(selector, text) {
    return this.#ask('POST', `/element/${await this.#find(selector)}/value`, { text })
  }

  async click(selector) {
    return this.#ask('POST', `/element/${await this.#find(selector)}/click`, {})
  }

  async text(selector) {
    return this.#ask('GET', `/element/${await this.#find(selector)}/text`)
  }

  /** What this expression comes to in the page, awaited there. */
  async evaluate(expression) {
    const script = `const done = arguments[0];
      (async () => (${expression}))().then(value => done({ value }), error => done({ error: String(error) }))`
    const { value, error } = await this.#ask('POST', '/execute/async', { script, args: [] })
    if (error) throw new Error(error)
    return value
  }

  async close() {
    await this.#ask('DELETE', '')
    this.driver.kill()
  }
}
