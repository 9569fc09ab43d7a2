// The live page for a museum: after one press it runs unattended all day: full screen, no controls, one line of text.

import { channel } from "./host.js";

const RETRY_AFTER = 5000; // ms until a camera that failed is tried again
const SILENT_AFTER = 15_000; // ms without an answer, after which the line says so

const place = /** @type {HTMLElement} */ (document.getElementById("live"));
const line = /** @type {HTMLElement} */ (document.getElementById("line"));
const away = 1000 * Number(place.dataset.away); // ms without anybody in the picture, after which it restarts for the next visitor

let started = false;
let answered = 0; // when the server last answered
let seen = 0; // when somebody was last in the picture; 0: nobody so far
let visible = false;
let trouble = ""; // why there is no camera

/** Runs twice a second, all day. */
function tick() {
  const now = performance.now();
  if (seen && now - seen > away) restart();
  if (trouble) say(trouble);
  else if (now - answered > SILENT_AFTER) say("One moment, please: the picture will be back.");
  else if (visible) say("Move! Nothing is stored.");
  else say("Stand where the camera can see you.");
}

/** Drops the last visitor's tracks and count. */
function restart() {
  seen = 0;
  channel.trigger("msg:custom", { kind: "stop" });
  channel.trigger("msg:custom", { kind: "start" });
}

function say(/** @type {string} */ text) {
  if (line.textContent !== text) line.textContent = text;
}

/** A press anywhere: without one, browsers open neither camera nor full screen. A later press brings the full screen back. */
function press() {
  if (!document.fullscreenElement) document.documentElement.requestFullscreen?.().catch(() => {});
  if (started) return;
  started = true;
  answered = performance.now();
  document.body.classList.add("started");
  stayAwake();
  channel.trigger("msg:custom", { kind: "start" });
  setInterval(tick, 500);
  setInterval(() => channel.trigger("msg:custom", { kind: "start" }), RETRY_AFTER); // has no effect while it runs
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

// While it tries again, what was wrong the last time stays where it is read, and so does the button Start.
channel.on("status", ({ status, error }) => {
  if (status === "opening") return;
  trouble = status === "failed" ? error : "";
  document.body.classList.toggle("started", started && !trouble);
});

if (window.isSecureContext) {
  document.addEventListener("click", press);
  document.addEventListener("visibilitychange", stayAwake);
}
