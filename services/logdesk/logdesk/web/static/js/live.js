// New lines appear as they arrive: a short question each second. A stream would hold a thread of the server.
import { busy, prepare } from "./histogram.js";
import { isOpen } from "./rows.js";
import { tell } from "./told.js";

const ROWS_MS = 1000;
const OVERVIEW_MS = 2000;
const BOARD_MS = 10000;
const MOST_ROWS = 500;

const search = document.getElementById("search");
const board = document.getElementById("board");
let lost = false;
let arrived = false; // rows since the last overview
let quiet = 0; // rounds without any

/** Ask again and again, the next time only after the answer; not while nobody looks. */
function repeat(ask, ms) {
  const again = async () => {
    if (!document.hidden) {
      try {
        await ask();
        if (lost) tell("Connected again");
        lost = false;
      } catch {
        tell("No answer from logdesk; trying again.", { stay: true });
        lost = true;
      }
    }
    setTimeout(again, ms);
  };
  setTimeout(again, ms);
}

async function get(url) {
  const answer = await fetch(url, { cache: "no-store" });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer;
}

async function freshRows() {
  const url = new URL(search.dataset.live, location.href);
  url.searchParams.set("after", search.dataset.latest);
  const answer = await (await get(url)).json();
  search.dataset.latest = answer.latest;
  if (!answer.rows.trim()) return;
  arrived = true;
  const holder = document.createElement("template");
  holder.innerHTML = answer.rows; // escaped by the server, as the page itself is
  const list = document.getElementById("rows");
  // More than one answer holds: what is shown would have a hole in it, so it starts again with the newest.
  if (answer.more) dropRows([...list.querySelectorAll("tr.row")]);
  document.getElementById("nothing")?.remove();
  for (const row of holder.content.querySelectorAll("tr.row")) insert(list, row);
  dropRows([...list.querySelectorAll("tr.row")].slice(MOST_ROWS));
}

/** By its own time, not at the top: a line may arrive late. */
function insert(list, row) {
  if (document.getElementById(row.id)) return;
  const older = [...list.querySelectorAll("tr.row")].find((one) => Number(one.dataset.ts) <= Number(row.dataset.ts));
  row.classList.add("new");
  list.insertBefore(row, older ?? null);
}

function dropRows(rows) {
  for (const row of rows) if (!isOpen(row) && !row.contains(document.activeElement)) row.remove();
}

async function freshOverview() {
  const place = document.getElementById("overview");
  // The range moves on even when nothing arrives, only less so.
  if (busy() || (!arrived && (quiet += 1) < 5)) return;
  arrived = false;
  quiet = 0;
  const html = await (await get(search.dataset.overview)).text();
  // Not under the person's hand: a focused link would lose its focus, a drag its anchor.
  if (busy() || place.contains(document.activeElement)) return;
  const open = place.querySelector("details.facets").open;
  place.innerHTML = html;
  place.querySelector("details.facets").open = open;
  prepare();
}

async function freshBoard() {
  const page = new DOMParser().parseFromString(await (await get(board.dataset.live)).text(), "text/html");
  if (!board.contains(document.activeElement)) board.replaceChildren(...page.getElementById("board").childNodes);
}

if (search?.dataset.live) {
  repeat(freshRows, ROWS_MS);
  repeat(freshOverview, OVERVIEW_MS);
}
if (board?.dataset.live) repeat(freshBoard, BOARD_MS);
