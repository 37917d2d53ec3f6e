// Keys for people who keep their hands on the keyboard; the list is in templates/_keys.html.
import { isOpen, opener, rowOf, toggle } from "./rows.js";

const click = (selector) => () => document.querySelector(selector)?.click();

function step(by) {
  const rows = [...document.querySelectorAll("#rows tr.row")];
  if (!rows.length) return;
  const at = rows.indexOf(current());
  const next = at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by));
  opener(rows[next]).focus();
  rows[next].scrollIntoView({ block: "nearest" });
}

/** The row that has the focus, in itself or in its fields. */
function current() {
  const here = document.activeElement;
  return rowOf(here) ?? here?.closest?.("tr.opened")?.previousElementSibling ?? null;
}

async function followTrace() {
  const row = current();
  if (!row) return;
  if (!isOpen(row)) await toggle(row);
  row.nextElementSibling?.querySelector("a[data-first]")?.click();
}

const KEYS = {
  "/": () => { const bar = document.getElementById("q"); bar?.focus(); bar?.select(); },
  "j": () => step(1),
  "k": () => step(-1),
  "t": followTrace,
  "h": () => document.getElementById("histogram")?.focus(),
  "o": click("#wider"),
  "l": click("#live"),
  "?": () => document.getElementById("keys").showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const typing = event.target.closest("input, select, textarea");
  if (typing) {
    if (event.key === "Escape") typing.blur();
    return;
  }
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
