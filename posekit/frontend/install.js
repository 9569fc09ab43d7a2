// The page without a server keeps itself, so that it works without a network, too, and can be installed.

navigator.serviceWorker?.register("offline.js").catch(() => {}); // not on http, or not allowed: then it is not kept
