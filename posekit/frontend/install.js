// The page without a server keeps itself, so that it works without a network, too, and can be installed.

const { version } = /** @type {HTMLElement} */ (document.querySelector("script[data-version]")).dataset;
navigator.serviceWorker?.register(`offline.js?${version}`).catch(() => {}); // not on http, or not allowed: then it is not kept
