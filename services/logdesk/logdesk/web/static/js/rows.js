// Rows open in place. Without this, the same link loads the page with the row open.
import { tell } from "./told.js";

export const rowOf = (element) => element?.closest?.("tr.row");
export const opener = (row) => row.querySelector("a.open");
const openedAfter = (row) => (row.nextElementSibling?.matches("tr.opened") ? row.nextElementSibling : null);
export const isOpen = (row) => openedAfter(row) !== null;

/** Open or close a row; its id is kept in the address, so that the address can be shared. */
export async function toggle(row) {
  const link = opener(row);
  const opened = openedAfter(row);
  if (opened) {
    opened.remove();
    mark(link, false);
    return;
  }
  if (link.getAttribute("aria-busy")) return;
  link.setAttribute("aria-busy", "true");
  try {
    const part = new URL(link.dataset.part, location.href);
    part.searchParams.set("part", "1");
    const answer = await fetch(part);
    if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
    const line = document.createElement("tr");
    line.className = "opened";
    const cell = line.insertCell();
    cell.colSpan = row.cells.length;
    cell.innerHTML = await answer.text(); // escaped by the server, as the page itself is
    row.after(line);
    mark(link, true);
    offerCopies(line);
  } catch (error) {
    tell(`This line can't be opened now. ${error.message}`);
  } finally {
    link.removeAttribute("aria-busy");
  }
}

function mark(link, open) {
  link.setAttribute("aria-expanded", String(open));
  const id = rowOf(link).id;
  const address = new URL(location.href);
  address.searchParams.delete("open");
  const closed = address.href;
  address.searchParams.set("open", id.slice("r-".length));
  history.replaceState(null, "", open ? address : closed);
}

/** Copy buttons are shown where the browser can copy (localhost, 127.0.0.1 or https). */
function offerCopies(within) {
  if (!navigator.clipboard) return;
  for (const button of within.querySelectorAll("[data-copy]")) button.hidden = false;
}

document.addEventListener("click", async (event) => {
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    await navigator.clipboard.writeText(copy.dataset.copy).then(() => tell("Copied"), () => tell("Not copied: the browser refused."));
    return;
  }
  const row = rowOf(event.target);
  const otherTab = event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0;
  if (!row || otherTab || event.target.closest("a:not(.open), button")) return;
  if (!event.target.closest("a.open") && getSelection().toString()) return; // selecting text isn't opening
  event.preventDefault();
  toggle(row);
});

offerCopies(document);

// A narrow screen starts with its lines, not with its filters.
if (matchMedia("(max-width: 60rem)").matches) document.querySelector("details.facets")?.removeAttribute("open");
