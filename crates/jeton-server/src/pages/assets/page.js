// What every page does with a script: times in the reader's zone, forms sent once, the offer to stay signed in.

import { localizeTimes } from "./times.js";
import { watchSession } from "./renewal.js";

localizeTimes(document);
watchSession();
sendFormsOnce();
takeSecretFromAddress();
offerToCopy();
goByItself();

/** An answer that goes on to an application waits for nobody. */
function goByItself() {
  const form = document.querySelector("form[data-goes-by-itself]");
  if (form instanceof HTMLFormElement) form.requestSubmit();
}

/** A second press does not send a form again before the first is answered. */
function sendFormsOnce() {
  document.addEventListener("submit", (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (event.defaultPrevented || form.method === "dialog") return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "true";
  });
  // A page that comes back from the browser's memory can send its forms again.
  addEventListener("pageshow", () => {
    for (const form of document.forms) delete form.dataset.sent;
  });
}

/** A secret behind # never reaches a server by itself: it is put into the form that waits for it, and out of sight. */
function takeSecretFromAddress() {
  const place = document.querySelector("[data-from-fragment]");
  const input = place?.querySelector("input");
  if (!(place instanceof HTMLElement) || !input) return;
  const take = () => {
    if (!location.hash.startsWith("#js_")) return;
    input.value = location.hash.slice(1);
    place.hidden = true;
  };
  addEventListener("hashchange", take);
  take();
  if (input.value !== "" && !input.matches("[aria-invalid]")) place.hidden = true;
}

/** Buttons that copy what stands elsewhere in the page. */
function offerToCopy() {
  for (const button of document.querySelectorAll("button[data-copy]")) {
    const of = document.querySelector(button.getAttribute("data-copy") ?? "");
    if (!(button instanceof HTMLElement) || !of || !navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(of.textContent ?? "");
      button.textContent = button.dataset.copied ?? button.textContent;
    });
  }
}
