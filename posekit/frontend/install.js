// The page without a server stores itself in the browser, so that it works offline and can be installed.

navigator.serviceWorker?.register("offline.js").catch(() => {}); // over plain http, or where storage is blocked, the page works without it
