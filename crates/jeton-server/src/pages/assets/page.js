// What every page does with a script: times in the reader's zone, forms sent once, the offer to stay signed in.

import { localizeTimes } from "./times.js";
import { watchSession } from "./renewal.js";

localizeTimes(document);
watchSession();
sendFormsOnce();

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
