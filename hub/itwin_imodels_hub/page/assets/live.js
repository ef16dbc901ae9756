// Updates the page: receives sections from the event stream of the hub and changes only what differs, so that focus,
// scroll position, selections and opened details are preserved. Without this script the page is static.

const RECONNECT_SECONDS = 5;
const CLOCK_SECONDS = 15;
const UNITS = [
  [365 * 86400, "year", "years"],
  [30 * 86400, "month", "months"],
  [86400, "day", "days"],
  [3600, "h", "h"],
  [60, "min", "min"],
];

const page = document.body.dataset;
let known = page.known;
let ahead = 0; // difference between the clocks of the hub and this machine, in milliseconds
let stream = null;

if (page.events) {
  setClock(page.now);
  setInterval(updateTimes, CLOCK_SECONDS * 1000);
  // Browsers limit the connections per host: hidden pages close theirs.
  document.addEventListener("visibilitychange", () => (document.hidden ? disconnect() : connect()));
  addEventListener("pagehide", disconnect);
  addEventListener("pageshow", () => document.hidden || connect());
  if (!document.hidden) connect();
}

function connect() {
  if (stream !== null) return;
  const address = new URL(page.events, location.href);
  address.search = location.search;
  address.searchParams.set("known", known);
  stream = new EventSource(address);
  stream.addEventListener("section", (event) => show(event.data));
  stream.addEventListener("now", (event) => {
    known = event.lastEventId;
    setClock(event.data);
    updateTimes();
    showState("live", "Live");
  });
  stream.addEventListener("gone", () => location.reload());
  stream.addEventListener("error", () => {
    showState("away", "Not connected");
    if (stream !== null && stream.readyState === EventSource.CLOSED) {
      disconnect();
      setTimeout(() => document.hidden || connect(), RECONNECT_SECONDS * 1000);
    }
  });
}

function disconnect() {
  if (stream !== null) stream.close();
  stream = null;
}

function showState(state, words) {
  const place = document.getElementById("live");
  place.dataset.state = state;
  if (place.textContent !== words) place.textContent = words;
}

function setClock(now) {
  ahead = Date.parse(now) - Date.now();
}

function updateTimes() {
  for (const each of document.querySelectorAll("time[data-ago]")) {
    const words = ago(Date.parse(each.dateTime), Date.now() + ahead);
    if (each.textContent !== words) each.textContent = words;
  }
}

function ago(moment, now) {
  const seconds = Math.abs(now - moment) / 1000;
  if (seconds < 45) return "just now";
  const [unit, one, several] = UNITS.find(([size]) => seconds >= size) ?? UNITS.at(-1);
  const count = Math.max(1, Math.floor(seconds / unit));
  const words = `${count} ${count === 1 ? one : several}`;
  return moment > now ? `in ${words}` : `${words} ago`;
}

function show(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
  const shown = fresh && document.getElementById(fresh.id);
  if (!shown) return;
  const active = document.activeElement;
  change(shown, fresh);
  if (active === document.activeElement) return;
  const next = active.isConnected ? active : shown;
  next.focus({ preventScroll: true });
}

function change(old, fresh) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !isPageState(old, name)) old.removeAttribute(name);
  }
  changeChildren(old, fresh);
}

// State that only the page has: opened details, and marks of rows that were added since it was loaded.
function isPageState(node, name) {
  return (name === "open" && node.localName === "details") || name === "data-new";
}

function changeChildren(old, fresh) {
  const wantedKeys = new Set([...fresh.children].map(keyOf).filter(Boolean));
  for (const child of [...old.children]) {
    if (keyOf(child) && !wantedKeys.has(keyOf(child))) child.remove();
  }
  const keyed = new Map([...old.children].map((child) => [keyOf(child), child]));
  const ahead = [...fresh.childNodes];
  let place = old.firstChild;
  while (ahead.length) {
    const wanted = ahead.shift();
    place = withoutLeftovers(place, wanted, ahead);
    const key = keyOf(wanted);
    const found = key ? keyed.get(key) : alike(place, wanted) && place;
    if (!found) {
      old.insertBefore(asNew(document.importNode(wanted, true)), place);
      continue;
    }
    if (found === place) place = place.nextSibling;
    else old.insertBefore(found, place);
    change(found, wanted);
  }
  while (place) place = withoutOne(place);
}

// Removes text, and elements that resemble none of the following ones, between a place and a wanted element, so that the
// wanted element can be kept.
function withoutLeftovers(place, wanted, ahead) {
  if (wanted.nodeType !== Node.ELEMENT_NODE) return place;
  while (place && !keyOf(place) && !alike(place, wanted)) {
    if (place.nodeType === Node.ELEMENT_NODE && ahead.some((later) => !keyOf(later) && alike(place, later))) break;
    place = withoutOne(place);
  }
  return place;
}

function withoutOne(place) {
  const next = place.nextSibling;
  place.remove();
  return next;
}

function keyOf(node) {
  return node.nodeType === Node.ELEMENT_NODE ? node.id || node.dataset.key || "" : "";
}

function alike(node, wanted) {
  return node !== null && node.nodeType === wanted.nodeType && node.nodeName === wanted.nodeName && !keyOf(node);
}

function asNew(node) {
  if (node.localName === "tr") node.dataset.new = "";
  return node;
}
