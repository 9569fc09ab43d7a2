// The live page for a museum: one press, then it runs by itself all day: full screen, nothing to press, and one line of text.

import { channel } from "./host.js";

const RETRY_AFTER = 5000; // ms until a camera that failed is tried again
const SILENT_AFTER = 15_000; // ms without an answer, after which the line says so

const place = /** @type {HTMLElement} */ (document.getElementById("live"));
const line = /** @type {HTMLElement} */ (document.getElementById("line"));
const away = 1000 * Number(place.dataset.away); // ms without anybody, after which the next visitor begins anew

let started = false;
let answered = 0; // when the server last answered
let seen = 0; // when somebody was last in the picture; 0: since the beginning nobody
let visible = false;

/** What happens all day, twice a second. */
function tick() {
  const now = performance.now();
  if (seen && now - seen > away) restart();
  if (now - answered > SILENT_AFTER) say("One moment, please: the picture will be back.");
  else if (visible) say("Move! Nothing is stored.");
  else say("Stand where the camera sees you.");
}

/** Forgets whoever was here. */
function restart() {
  seen = 0;
  channel.trigger("msg:custom", { kind: "stop" });
  channel.trigger("msg:custom", { kind: "start" });
}

function say(/** @type {string} */ text) {
  if (line.textContent !== text) line.textContent = text;
}

/** A press anywhere: browsers give the camera and the full screen to nobody else. A later one brings the full screen back. */
function press() {
  if (!document.fullscreenElement) document.documentElement.requestFullscreen?.().catch(() => {});
  if (started) return;
  started = true;
  answered = performance.now();
  document.body.classList.add("started");
  stayAwake();
  channel.trigger("msg:custom", { kind: "start" });
  setInterval(tick, 500);
  setInterval(() => channel.trigger("msg:custom", { kind: "start" }), RETRY_AFTER); // where it runs, this does nothing
}

/** Keeps the screen on. The lock ends whenever the page is hidden. */
function stayAwake() {
  if (started && !document.hidden) navigator.wakeLock?.request("screen").catch(() => {});
}

channel.on("msg:custom", ({ kind, people }) => {
  if (kind !== "answer") return;
  answered = performance.now();
  visible = people.length > 0;
  if (visible) seen = answered;
});

if (window.isSecureContext) {
  document.addEventListener("click", press);
  document.addEventListener("visibilitychange", stayAwake);
}
