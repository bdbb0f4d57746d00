// Times in the reader's zone and language.

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const language = document.documentElement.lang;
const whole = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "medium" });
const day = new Intl.DateTimeFormat(language, { day: "numeric", month: "long", hour: "numeric", minute: "2-digit" });
const far = new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short" });
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });

/**
 * Puts the reader's own time in the place of the service's, and the whole of it into the title.
 * @param {ParentNode} within
 */
export function localizeTimes(within) {
  const now = Date.now();
  for (const element of within.querySelectorAll("time[datetime]")) {
    const at = new Date(element.getAttribute("datetime") ?? "");
    if (Number.isNaN(at.getTime())) continue;
    element.setAttribute("title", whole.format(at));
    const away = Math.round((at.getTime() - now) / 1000);
    if (element.hasAttribute("data-whole")) element.textContent = `${span(away)}, ${dated(at)}`;
    else if (Math.abs(away) >= DAY) element.textContent = dated(at);
  }
}

/** @param {Date} at */
function dated(at) {
  return (at.getFullYear() === new Date().getFullYear() ? day : far).format(at);
}

/**
 * A span as people say it: "in 3 minutes", "2 hours ago".
 * @param {number} seconds
 */
export function span(seconds) {
  const away = Math.abs(seconds);
  if (away < MINUTE) return relative.format(Math.trunc(seconds), "second");
  if (away < HOUR) return relative.format(Math.trunc(seconds / MINUTE), "minute");
  if (away < DAY) return relative.format(Math.trunc(seconds / HOUR), "hour");
  return relative.format(Math.trunc(seconds / DAY), "day");
}
