// The overview's figures as they change: told by the service, or asked for where it tells nothing.

/** How long to wait before the figures are asked for, in milliseconds. */
const PAUSE = 5000;

/** @type {EventSource | undefined} */
let source;
/** @type {number | undefined} */
let asking;

document.addEventListener("visibilitychange", () => (document.hidden ? stop() : begin()));
addEventListener("pagehide", stop);
begin();

function begin() {
  stop();
  source = new EventSource("/console/live");
  source.addEventListener("message", (event) => show(JSON.parse(event.data)));
  source.addEventListener("error", () => {
    // While it tries again by itself, there is nothing to do.
    if (source?.readyState !== EventSource.CLOSED) return;
    source = undefined;
    asking = setTimeout(ask, PAUSE);
  });
}

function stop() {
  source?.close();
  source = undefined;
  clearTimeout(asking);
}

async function ask() {
  try {
    const answer = await fetch("/console/figures", { headers: { accept: "application/json" } });
    // Whoever is signed out is led elsewhere; what tells them so is the offer to sign in again.
    if (!answer.ok || answer.redirected) return;
    show(await answer.json());
  } catch {
    // The service cannot be reached: the next time may do.
  }
  asking = setTimeout(ask, PAUSE);
}

/** @param {Record<string, string> & { late: boolean, kinds: [string, string][] }} figures */
function show(figures) {
  for (const place of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-figure]"))) {
    const text = figures[place.dataset.figure ?? ""];
    if (text !== undefined && place.textContent !== text) place.textContent = text;
    if (place.dataset.figure === "lag") place.className = figures.late ? "bad" : "good";
  }
  const kinds = document.getElementById("kinds");
  if (!kinds) return;
  kinds.hidden = figures.kinds.length === 0;
  const rows = figures.kinds.map(([kind, count]) => {
    const [row, name, value] = [document.createElement("div"), document.createElement("dt"), document.createElement("dd")];
    name.textContent = kind;
    value.textContent = count;
    row.append(name, value);
    return row;
  });
  kinds.querySelector("dl")?.replaceChildren(...rows);
}
