// Tables of the console: sorted by a column, and walked through by keys.

const search = /** @type {HTMLInputElement | null} */ (document.querySelector("[aria-keyshortcuts='/']"));
const links = /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("tbody td:first-child a"));

for (const table of document.querySelectorAll("table")) makeSortable(table);
for (const hint of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".keys"))) hint.hidden = false;
document.addEventListener("keydown", walk);

/**
 * Puts a button into every column's heading.
 * @param {HTMLTableElement} table
 */
function makeSortable(table) {
  const headings = table.tHead?.rows[0]?.cells ?? [];
  for (const [column, heading] of Array.from(headings).entries()) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...heading.childNodes);
    button.addEventListener("click", () => {
      const falling = heading.ariaSort === "ascending";
      for (const other of headings) other.setAttribute("aria-sort", "none");
      heading.setAttribute("aria-sort", falling ? "descending" : "ascending");
      sort(table, column, falling ? -1 : 1);
    });
    heading.append(button);
    heading.setAttribute("aria-sort", "none");
  }
}

const order = new Intl.Collator(document.documentElement.lang, { numeric: true });

/**
 * @param {HTMLTableElement} table
 * @param {number} column
 * @param {number} direction
 */
function sort(table, column, direction) {
  const body = table.tBodies[0];
  if (!body) return;
  const text = (/** @type {HTMLTableRowElement} */ row) => {
    const cell = row.cells[column];
    return cell?.dataset.sort ?? cell?.textContent?.trim() ?? "";
  };
  const rows = Array.from(body.rows);
  rows.sort((one, other) => direction * order.compare(text(one), text(other)));
  body.append(...rows);
}

/**
 * "/" searches; arrows go from row to row, and Enter opens one as it does every link.
 * @param {KeyboardEvent} event
 */
function walk(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const at = /** @type {HTMLElement | null} */ (document.activeElement);
  const types = at?.matches("input, textarea, select") ?? false;
  if (event.key === "/" && !types && search) {
    event.preventDefault();
    search.select();
    search.focus();
    return;
  }
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  if (types && at !== search) return;
  const rows = Array.from(document.querySelectorAll("tbody tr"));
  const current = rows.findIndex((row) => row.contains(at));
  const next = current + (event.key === "ArrowDown" ? 1 : -1);
  const link = /** @type {HTMLElement | null | undefined} */ (rows[next]?.querySelector("a"));
  if (!link || links.length === 0) return;
  event.preventDefault();
  link.focus();
}
