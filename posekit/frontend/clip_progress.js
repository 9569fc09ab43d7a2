// Updates the progress of a clip in place; without this file, the page reloads itself.

const INTERVAL = 500; // milliseconds
const PATIENCE = 20; // failed requests in a row

const bar = /** @type {HTMLProgressElement} */ (document.querySelector("#progress"));
const line = /** @type {HTMLElement} */ (document.querySelector("#frames"));
let failed = 0;
let said = 0;

/** A screen reader reads every tenth of the way, not every frame. */
function say(/** @type {number} */ done, /** @type {number} */ total) {
  const tenth = Math.floor((10 * done) / total);
  if (tenth > said) {
    said = tenth;
    line.textContent = `${10 * tenth} % of ${total} frames`;
  }
}

async function look() {
  const answer = await fetch(line.dataset.address ?? "").catch(() => null);
  failed = answer?.ok ? 0 : failed + 1;
  if (failed > PATIENCE) {
    line.textContent = "The server does not answer. Is it still running?";
    return;
  }
  if (answer?.ok) {
    const { ended, done, total } = await answer.json();
    if (ended) return location.reload();
    if (total) {
      bar.max = total;
      bar.value = done;
      say(done, total);
    }
  }
  setTimeout(look, INTERVAL);
}

look();
