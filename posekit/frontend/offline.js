// The service worker of the page without a server: it stores the page's own files, so that the page works offline. files.js stores
// models and LiteRT.js. All files are of one version: a new one takes over when no tab has the page open, or when the only tab
// that has it navigates.

/** @typedef {{ files: Record<string, string> }} Contents each file and its SHA-256 */

const VERSION = "VERSION"; // static_page.py writes it here, so that a browser notices a new one
const worker = /** @type {any} */ (self);
const OURS = `posekit-page ${worker.registration.scope} `; // other pages of this host have caches of their own
const CACHE = OURS + VERSION;
let asked = false; // whether the next version was told to take over: only once, lest a page wait for one that never does

/** @type {(content: ArrayBuffer) => Promise<string>} */
async function sha256(content) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @type {(answer: Response, file: string, digest: string) => Promise<boolean>} Some hosts add to a page; it names its version. */
async function isOfThisVersion(answer, file, digest) {
  if (!answer.ok) return false;
  if (/(\/|\.html)$/.test(file)) return (await answer.text()).includes(VERSION);
  return (await sha256(await answer.arrayBuffer())) === digest;
}

/** All files or none: a host may have got only some of the new ones yet. Then the next visit tries again. */
async function install() {
  const cache = await caches.open(CACHE);
  /** @type {Contents} */
  const { files } = await (await fetch("offline.json", { cache: "no-store" })).json();
  const keep = async (/** @type {string} */ file) => {
    const answer = await fetch(file, { cache: "reload" });
    if (!(await isOfThisVersion(answer.clone(), file, files[file]))) throw new Error(`${file} is of another version`);
    await cache.put(file, answer);
  };
  await Promise.all(Object.keys(files).map(keep));
}

async function activate() {
  for (const name of await caches.keys()) {
    if (name.startsWith(OURS) && name !== CACHE) await caches.delete(name);
  }
  await worker.clients.claim(); // of the first visit
}

/** Whether the next version is there, and takes over once nothing is asked of this one. */
async function calledNext() {
  const { waiting } = worker.registration;
  const open = await worker.clients.matchAll({ type: "window" });
  if (!waiting || asked || open.length > 1) return false;
  asked = true;
  waiting.postMessage("take over");
  return true;
}

/** @type {(request: Request) => Promise<Response>} */
async function answer(request) {
  if (request.mode === "navigate" && (await calledNext())) return new Response("", { headers: { Refresh: "0" } });
  const cache = await caches.open(CACHE);
  return (await cache.match(request, { ignoreSearch: true })) ?? fetch(request);
}

worker.addEventListener("install", (/** @type {any} */ event) => event.waitUntil(install()));
worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(activate()));
worker.addEventListener("message", (/** @type {any} */ event) => event.data === "take over" && worker.skipWaiting());
worker.addEventListener("fetch", (/** @type {any} */ event) => {
  if (event.request.method === "GET") event.respondWith(answer(event.request));
});
