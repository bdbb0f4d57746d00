// The offer to stay signed in: two minutes before the session ends, and in place when it has ended.

/** How long before the end the offer is made, in seconds. */
const BEFORE = 120;
/** How often the service is asked whether the session still lives, in milliseconds. */
const ASK_EVERY = 10_000;

/**
 * @typedef {{ live: boolean, now: number, session?: string, ends?: number, last?: number, csrf?: string,
 *   user?: string, name?: string, reason?: string }} State
 */

export function watchSession() {
  const dialog = /** @type {HTMLDialogElement | null} */ (document.getElementById("renewal"));
  if (dialog) new Watch(dialog).start();
}

class Watch {
  /** @param {HTMLDialogElement} dialog */
  constructor(dialog) {
    this.dialog = dialog;
    this.texts = dialog.dataset;
    this.heading = part(dialog, "h2");
    this.text = part(dialog, "#renewal-text");
    this.stay = /** @type {HTMLButtonElement} */ (part(dialog, ".stay"));
    this.leave = part(dialog, ".leave");
    this.form = /** @type {HTMLFormElement} */ (part(dialog, "form"));
    this.error = part(dialog, ".error");
    this.left = part(dialog, ".countdown .left");
    this.ring = part(dialog, ".countdown");
    this.status = /** @type {HTMLElement} */ (document.getElementById("renewal-status"));
    this.tabs = new BroadcastChannel("jeton-session");
    this.over = false;
    this.take({
      live: true,
      now: Number(this.texts.now),
      ends: Number(this.texts.ends),
      last: Number(this.texts.last),
    });
  }

  start() {
    this.stay.addEventListener("click", () => void this.renew());
    this.form.addEventListener("submit", (event) => void this.signInAgain(event));
    this.tabs.addEventListener("message", () => void this.ask());
    document.addEventListener("visibilitychange", () => void this.ask());
    addEventListener("focus", () => void this.ask());
    addEventListener("pageshow", (event) => event.persisted && void this.comeBack());
    setInterval(() => this.tick(), 1000);
    setInterval(() => void this.ask(), ASK_EVERY);
    this.tick();
  }

  /**
   * Takes in what the service says of the session. Its clock counts, whatever this machine's says.
   * @param {State} state
   */
  take(state) {
    this.ahead = state.now - Date.now() / 1000;
    if (!state.live) {
      this.ended(state.reason);
      return;
    }
    // Somebody else's session is not to send what this person typed.
    if (state.user && state.user !== this.texts.user) {
      this.ended(this.texts.other?.replace("{name}", state.name ?? ""));
      return;
    }
    this.ends = state.ends ?? 0;
    this.last = state.last ?? 0;
    if (state.csrf) this.repeat(state.csrf);
    if (this.over) {
      this.over = false;
      this.close();
    }
  }

  secondsLeft() {
    return Math.max(0, Math.round((this.ends ?? 0) - (this.ahead ?? 0) - Date.now() / 1000));
  }

  tick() {
    if (this.over) return;
    const left = this.secondsLeft();
    if (left === 0) {
      void this.ask();
      return;
    }
    if (left > BEFORE) {
      this.close();
      return;
    }
    const isLast = (this.ends ?? 0) >= (this.last ?? 0);
    this.heading.textContent = (isLast ? this.texts.lastHeading : this.texts.heading) ?? "";
    this.text.textContent = (isLast ? this.texts.lastText : this.texts.soon)?.replace("{left}", clock(left)) ?? "";
    this.left.setAttribute("stroke-dasharray", `${(100 * left) / BEFORE} 100`);
    this.stay.hidden = isLast;
    this.form.hidden = !isLast;
    this.open();
  }

  /** Opens without taking the focus from what somebody types. */
  open() {
    if (this.dialog.open) return;
    const focused = document.activeElement;
    this.dialog.show();
    if (focused instanceof HTMLElement && focused !== document.body) focused.focus();
    else if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    this.status.textContent = `${this.heading.textContent} ${this.text.textContent}`;
  }

  close() {
    if (this.dialog.open) this.dialog.close();
  }

  /**
   * Says that the session is over and why, and takes the password in place.
   * @param {string | undefined} reason
   */
  ended(reason) {
    if (this.over) return;
    this.over = true;
    this.heading.textContent = (reason ? this.texts.elsewhere : this.texts.overHeading) ?? "";
    this.text.textContent = reason ?? this.texts.over ?? "";
    this.ring.setAttribute("hidden", "");
    this.stay.hidden = true;
    this.leave.hidden = true;
    this.form.hidden = false;
    this.open();
    this.status.textContent = `${this.heading.textContent} ${this.text.textContent}`;
  }

  /** Out of the browser's memory, a page shows nothing before it is known that its reader is still signed in. */
  async comeBack() {
    document.body.hidden = true;
    await this.ask();
    if (this.over) location.reload();
    else document.body.hidden = false;
  }

  async ask() {
    if (document.hidden) return;
    try {
      const answer = await fetch("/account/state", { headers: { accept: "application/json" } });
      if (answer.ok) this.take(await answer.json());
    } catch {
      if (this.dialog.open) this.text.textContent = this.texts.offline ?? "";
    }
  }

  async renew() {
    this.stay.disabled = true;
    try {
      const answer = await fetch("/refresh", { method: "POST", headers: { "x-csrf-token": token() } });
      await this.ask();
      if (answer.ok) {
        this.close();
        this.status.textContent = this.texts.renewed ?? "";
        this.tabs.postMessage("renewed");
      }
    } catch {
      this.text.textContent = this.texts.offline ?? "";
    } finally {
      this.stay.disabled = false;
    }
  }

  /** @param {SubmitEvent} event */
  async signInAgain(event) {
    event.preventDefault();
    const fields = new FormData(this.form);
    const credentials = { username: fields.get("username"), password: fields.get("password"), cookies: true };
    const answer = await fetch("/login", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(credentials),
    }).catch(() => null);
    const password = /** @type {HTMLInputElement} */ (this.form.elements.namedItem("password"));
    password.value = "";
    delete this.form.dataset.sent;
    this.error.hidden = answer?.ok === true;
    if (!answer?.ok) {
      this.error.textContent = (answer?.status === 401 ? this.texts.wrong : await message(answer)) ?? "";
      password.focus();
      return;
    }
    this.ring.removeAttribute("hidden");
    this.leave.hidden = false;
    this.over = true;
    await this.ask();
    this.tabs.postMessage("signed in");
  }

  /**
   * Forms of this page are the new session's from now on: what was typed in them can be sent.
   * @param {string} csrf
   */
  repeat(csrf) {
    for (const input of document.querySelectorAll('input[name="csrf_token"]')) {
      /** @type {HTMLInputElement} */ (input).value = csrf;
    }
  }
}

/** The CSRF token, as the page's forms have it. */
function token() {
  const input = document.querySelector('input[name="csrf_token"]');
  return input instanceof HTMLInputElement ? input.value : "";
}

/** @param {Response | null} answer */
async function message(answer) {
  const body = await answer?.json().catch(() => null);
  return body?.message ?? "";
}

/** @param {number} seconds */
function clock(seconds) {
  return `${Math.trunc(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/**
 * @param {ParentNode} within
 * @param {string} selector
 * @returns {HTMLElement}
 */
function part(within, selector) {
  const found = within.querySelector(selector);
  if (!found) throw new Error(`the page lacks ${selector}`);
  return /** @type {HTMLElement} */ (found);
}
