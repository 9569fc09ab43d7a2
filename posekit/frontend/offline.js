// The service worker of the page without a server: it keeps the page's own files, so that it works without a network, too. Models
// and LiteRT.js are kept by files.js. The address with which it is registered ends with the page's version.

const worker = /** @type {any} */ (self);
const CACHE = `posekit-page-${location.search}`;

async function install() {
  const cache = await caches.open(CACHE);
  const { files } = await (await fetch("offline.json", { cache: "no-store" })).json();
  await cache.addAll(files.map((/** @type {string} */ file) => new Request(file, { cache: "reload" })));
  await worker.skipWaiting();
}

async function activate() {
  for (const name of await caches.keys()) {
    if (name.startsWith("posekit-page-") && name !== CACHE) await caches.delete(name);
  }
  await worker.clients.claim();
}

/** @type {(request: Request) => Promise<Response>} */
async function answer(request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(request, { ignoreSearch: true })) ?? fetch(request);
}

worker.addEventListener("install", (/** @type {any} */ event) => event.waitUntil(install()));
worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(activate()));
worker.addEventListener("fetch", (/** @type {any} */ event) => {
  if (event.request.method === "GET") event.respondWith(answer(event.request));
});
