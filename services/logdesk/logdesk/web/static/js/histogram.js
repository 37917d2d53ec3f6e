// Drag over the histogram to zoom, or choose bars with the arrow keys. Without this, each bar is a link.
import { tell } from "./told.js";

const SVG = "http://www.w3.org/2000/svg";
let anchor = null; // bar where the selection began
let last = null; // bar where it ends
let dragging = false;
let dragged = false;

const figure = () => document.getElementById("histogram");
const chart = () => figure()?.querySelector("svg.chart");
export const busy = () => dragging || anchor !== null;

function barAt(clientX) {
  const box = chart().getBoundingClientRect();
  const count = Number(chart().dataset.count);
  return Math.min(count - 1, Math.max(0, Math.floor(((clientX - box.left) / box.width) * count)));
}

function bounds() {
  const { start, step } = chart().dataset;
  const [first, end] = [Math.min(anchor, last), Math.max(anchor, last) + 1];
  return [Number(start) + first * Number(step), Number(start) + end * Number(step)];
}

/** RFC 3339 with microseconds: a time in µs is exact in a double until the year 2255. */
function instant(us) {
  const seconds = new Date(Math.floor(us / 1e6) * 1000).toISOString().slice(0, 19);
  return `${seconds}.${String(us % 1e6).padStart(6, "0")}Z`;
}

function draw() {
  const svg = chart();
  svg.querySelector(".chosen")?.remove();
  if (anchor === null) return tell("");
  const count = Number(svg.dataset.count);
  const first = Math.min(anchor, last);
  const box = document.createElementNS(SVG, "rect");
  box.setAttribute("class", "chosen");
  box.setAttribute("x", `${(first * 100) / count}%`);
  box.setAttribute("width", `${((Math.max(anchor, last) + 1 - first) * 100) / count}%`);
  box.setAttribute("height", svg.dataset.height);
  svg.append(box);
  const [start, end] = bounds().map((us) => instant(us).replace("T", " ").slice(0, 19));
  tell(`${start} – ${end.slice(0, 10) === start.slice(0, 10) ? end.slice(11) : end}`, { stay: true });
  return undefined;
}

function clear() {
  anchor = last = null;
  dragging = false;
  if (chart()) draw();
}

function zoom() {
  const [start, end] = bounds();
  location.assign(
    figure().dataset.url
      .replace("from=FROM", `from=${encodeURIComponent(instant(start))}`)
      .replace("to=TO", `to=${encodeURIComponent(instant(end))}`),
  );
}

document.addEventListener("pointerdown", (event) => {
  dragged = false;
  if (event.button !== 0 || !event.target.closest("#histogram svg.chart")) return;
  dragging = true;
  anchor = last = barAt(event.clientX);
});

document.addEventListener("pointermove", (event) => {
  if (!dragging) return;
  const bar = barAt(event.clientX);
  if (bar === last && (dragged || bar === anchor)) return;
  last = bar;
  dragged = true;
  draw();
});

document.addEventListener("pointerup", () => {
  if (!dragging) return;
  if (dragged) zoom();
  else clear(); // a plain click follows the bar's own link
  dragging = false;
});

document.addEventListener("pointercancel", clear);

// A link that is dragged would be dragged away.
document.addEventListener("dragstart", (event) => { if (event.target.closest?.("#histogram")) event.preventDefault(); });

document.addEventListener("keydown", (event) => {
  if (event.target !== figure()) return;
  const count = Number(chart().dataset.count);
  const move = { ArrowLeft: -1, ArrowRight: 1, Home: -count, End: count }[event.key];
  if (move) {
    last = Math.min(count - 1, Math.max(0, (last ?? (move > 0 ? -1 : count)) + move));
    if (!event.shiftKey || anchor === null) anchor = last;
    draw();
  } else if (event.key === "Enter" && anchor !== null) zoom();
  else if (event.key === "Escape") clear();
  else return;
  event.preventDefault();
});

document.addEventListener("focusout", (event) => { if (event.target === figure() && !dragging) clear(); });

/** The keyboard reaches the histogram once, not sixty times. */
export function prepare() {
  figure()?.setAttribute("tabindex", "0");
}

prepare();
