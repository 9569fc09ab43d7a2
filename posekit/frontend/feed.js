// The server's own camera on the live page, shown on demand.

const feed = /** @type {HTMLElement} */ (document.getElementById("feed"));
const button = /** @type {HTMLButtonElement} */ (feed.querySelector("button"));
const status = /** @type {HTMLElement} */ (feed.querySelector("[role=status]"));
const place = /** @type {HTMLElement} */ (feed.querySelector("#feed-picture"));

/** @type {ReturnType<typeof setInterval> | undefined} */
let clock;

/** Whether frames still arrive: nobody sees that a still picture has frozen. */
async function check() {
  const answer = await fetch(feed.dataset.health ?? "").catch(() => null);
  const camera = answer?.ok ? (await answer.json()).camera : { state: "failed", error: "The server does not answer." };
  if (!clock || camera.state !== "failed") return;
  hide();
  status.textContent = camera.error;
}

function hide() {
  clearInterval(clock);
  clock = undefined;
  place.querySelector("img")?.removeAttribute("src"); // else the browser would go on loading it, unseen
  place.replaceChildren();
  button.textContent = "Show it";
  button.setAttribute("aria-expanded", "false");
  status.textContent = "";
}

function show() {
  const image = new Image();
  image.alt = "What the server sees, with the skeletons of the people in it";
  image.onerror = () => {
    if (!clock) return;
    hide();
    status.textContent = "There is no picture: too many people are watching, or the camera does not answer. Try again later.";
  };
  image.src = feed.dataset.source ?? "";
  place.replaceChildren(image);
  button.textContent = "Hide it";
  button.setAttribute("aria-expanded", "true");
  clock = setInterval(check, 2000);
}

/** @type {HTMLElement} */ (feed.querySelector(".needs-script")).hidden = false;
button.addEventListener("click", () => (clock ? hide() : show()));
window.addEventListener("pagehide", hide); // releases the camera
