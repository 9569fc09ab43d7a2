// Redraws the result's picture as soon as a switch changes. Without this file, the button “Draw” does it.

/** @type {<T extends HTMLElement>(selector: string) => T} */
const find = (selector) => /** @type {any} */ (document.querySelector(selector));
const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form.view"));
const picture = /** @type {HTMLImageElement} */ (find("#shown"));
const link = /** @type {HTMLAnchorElement} */ (find("#save"));

/**
 * @param {string} address
 * @param {URLSearchParams} asked
 */
function withQuery(address, asked) {
  const made = new URL(address);
  made.search = String(asked);
  return made.href;
}

/** Draws as the switches say; the address says it, too, so that the page can be reloaded. */
function draw(/** @type {HTMLFormElement} */ view) {
  if (!view.reportValidity()) return;
  const entries = /** @type {[string, string][]} */ ([...new FormData(view)]);
  const asked = new URLSearchParams(entries);
  picture.src = withQuery(picture.src, asked);
  link.href = withQuery(link.href, asked);
  history.replaceState(null, "", `?${asked}`);
  const threshold = Number(asked.get("threshold"));
  for (const row of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("tr[data-score]"))) {
    row.classList.toggle("faint", Number(row.dataset.score) < threshold);
  }
  for (const each of document.querySelectorAll(".angles")) each.toggleAttribute("hidden", !asked.has("angles"));
  for (const angle of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".angles li"))) {
    angle.hidden = Number(angle.dataset.score) < threshold;
  }
  find(".threshold").textContent = String(threshold);
}

if (form) {
  form.addEventListener("change", () => draw(form));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    draw(form);
  });
}
