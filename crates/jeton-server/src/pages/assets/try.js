// Sends requests from the reference, to this service alone, and shows what came back.

export {};

const who = /** @type {HTMLFieldSetElement | null} */ (document.getElementById("who"));
const bearer = /** @type {HTMLTextAreaElement | null} */ (document.getElementById("bearer"));
const sure = /** @type {HTMLDialogElement | null} */ (document.getElementById("sure"));

if (who) who.hidden = false;
for (const form of document.querySelectorAll("form.try")) {
  /** @type {HTMLFormElement} */ (form).hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send(/** @type {HTMLFormElement} */ (form));
  });
}
addEventListener("hashchange", openTarget);
openTarget();

/** Opens the operation that the address names, in browsers that do not. */
function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const details = target?.closest("details");
  if (!details || !target || details.open) return;
  details.open = true;
  target.scrollIntoView();
}

/** @param {HTMLFormElement} form */
async function send(form) {
  const request = read(form);
  const result = /** @type {HTMLElement} */ (form.querySelector(".result"));
  if (form.dataset.grave !== undefined && !(await isSure(`${request.method} ${request.path}`))) return;
  const began = performance.now();
  try {
    const answer = await ask(request);
    show(result, answer, await answer.text(), performance.now() - began);
  } catch {
    const failed = document.createElement("p");
    failed.className = "error";
    failed.textContent = result.dataset.offline ?? "";
    result.replaceChildren(failed);
  }
}

/**
 * @typedef {{ method: string, path: string, headers: Record<string, string>, body: string | null }} Filled
 * @param {HTMLFormElement} form
 * @returns {Filled}
 */
function read(form) {
  const method = form.dataset.method ?? "GET";
  let path = form.dataset.path ?? "/";
  const query = new URLSearchParams();
  /** @type {Record<string, string>} */
  const headers = {};
  for (const element of form.querySelectorAll("input[data-in]")) {
    const input = /** @type {HTMLInputElement} */ (element);
    if (input.value === "") continue;
    if (input.dataset.in === "path") path = path.replace(`{${input.name}}`, encodeURIComponent(input.value));
    else if (input.dataset.in === "query") query.set(input.name, input.value);
    else headers[input.name] = input.value;
  }
  const field = /** @type {HTMLTextAreaElement | null} */ (form.querySelector("textarea.body"));
  const body = field && field.value.trim() !== "" ? field.value : null;
  if (body !== null) headers["content-type"] = form.dataset.media ?? "application/json";
  return { method, path: query.size ? `${path}?${query}` : path, headers, body };
}

/**
 * Sends a request as whoever the reader chose to be. The cookie of an access token is over before its session is: then
 * the session is renewed and the request sent once more.
 * @param {Filled} request
 */
async function ask(request) {
  const chosen = who?.querySelector("input:checked");
  const as = chosen instanceof HTMLInputElement ? chosen.value : "nobody";
  if (as !== "session") {
    const headers = new Headers(request.headers);
    if (as === "token") headers.set("authorization", `Bearer ${bearer?.value.trim()}`);
    return fetch(request.path, { method: request.method, headers, body: request.body, credentials: "omit" });
  }
  const headers = { ...request.headers, "x-csrf-token": csrf() };
  const again = () => fetch(request.path, { method: request.method, headers, body: request.body });
  const answer = await again();
  if (answer.status !== 401 || request.path === "/refresh") return answer;
  const renewed = await fetch("/refresh", { method: "POST", headers: { "x-csrf-token": csrf() } });
  return renewed.ok ? again() : answer;
}

/** The CSRF token, as the page's forms have it. */
function csrf() {
  const input = document.querySelector('input[name="csrf_token"]');
  return input instanceof HTMLInputElement ? input.value : "";
}

/**
 * Asks before something is changed or removed.
 * @param {string} what
 * @returns {Promise<boolean>}
 */
function isSure(what) {
  const dialog = sure;
  if (!dialog) return Promise.resolve(false);
  const request = document.getElementById("sure-request");
  if (request) request.textContent = what;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "send"), { once: true });
  });
}

/**
 * @param {HTMLElement} result
 * @param {Response} answer
 * @param {string} text
 * @param {number} took
 */
function show(result, answer, text, took) {
  const status = document.createElement("p");
  status.className = answer.ok ? "good" : "bad";
  status.textContent = `${answer.status} ${answer.statusText} · ${Math.round(took)} ms`;
  const headers = document.createElement("pre");
  headers.className = "json soft";
  headers.textContent = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
  const body = document.createElement("pre");
  body.className = "json payload";
  body.tabIndex = 0;
  body.textContent = pretty(text);
  result.replaceChildren(status, headers, body);
}

/** @param {string} text */
function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
