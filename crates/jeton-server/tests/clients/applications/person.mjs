// A person with a browser that keeps cookies, follows redirects, and fills in the service's forms.

/** The fields of a page's form with this action, as a browser would send them. */
function form(page, action) {
  const [, body] = page.match(new RegExp(`<form[^>]*action="${action}"[^>]*>(.*?)</form>`, 's')) ?? [, '']
  const text = value =>
    value
      .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(code))
      .replaceAll('&quot;', '"')
      .replaceAll('&amp;', '&')
  return [...body.matchAll(/<input[^>]*>/g)].flatMap(([input]) => {
    const [name, value] = ['name', 'value'].map(attribute => input.match(new RegExp(` ${attribute}="([^"]*)"`))?.[1])
    return name ? [[name, text(value ?? '')]] : []
  })
}

export class Person {
  #jars = new Map()

  constructor({ username = 'Romel', password = 'pass1425' } = {}) {
    this.credentials = { username, password }
  }

  /** One request and its answer, which is no redirect that is followed. */
  async ask(url, options = {}) {
    const { hostname, origin } = new URL(url)
    const jar = this.#jars.get(hostname) ?? new Map()
    this.#jars.set(hostname, jar)
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const sent = options.body ? { origin } : {}
    const answer = await fetch(url, {
      redirect: 'manual',
      ...options,
      headers: { cookie, ...sent, ...options.headers },
    })
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = line.match(/^([^=]*)=([^;]*)/)
      if (/max-age=0|expires=thu, 01 jan 1970/i.test(line)) jar.delete(name)
      else jar.set(name, value)
    }
    return answer
  }

  /** Goes there and where it leads, signs in and agrees where asked, up to an address that begins with `until`. */
  async visit(url, until) {
    let options = {}
    for (let step = 0; step < 30; step++) {
      if (until && url.startsWith(until)) return new URL(url)
      const answer = await this.ask(url, options)
      const next = answer.headers.get('location')
      if (next) {
        url = new URL(next, url).href
        options = {}
        continue
      }
      const page = await answer.text()
      const [action, fields] = this.#reply(page)
      if (!action) return { url, status: answer.status, page }
      url = new URL(action, url).href
      options = { method: 'POST', body: new URLSearchParams(fields) }
    }
    throw new Error(`no end of redirects at ${url}`)
  }

  /** What to send from this page, if it is one of the service's that asks something. */
  #reply(page) {
    if (page.includes('action="/consent"')) {
      return ['/consent', [...form(page, '/consent').filter(([name]) => name !== 'decision'), ['decision', 'allow']]]
    }
    if (page.includes('action="/signin"')) {
      return [
        '/signin',
        [...form(page, '/signin').filter(([name]) => !(name in this.credentials)), ...Object.entries(this.credentials)],
      ]
    }
    return []
  }
}
