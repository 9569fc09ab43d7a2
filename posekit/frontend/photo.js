// The form without this file works, too. With it: a preview, drop and paste, and a word while the server looks.

const form = document.querySelector("form");
const place = document.getElementById("drop");
const input = form.querySelector("input");
const button = form.querySelector("button");
const busy = form.querySelector(".busy");
const error = document.getElementById("error");
const preview = form.querySelector(".preview");
const invitation = form.querySelector(".invitation");
const chosen = form.querySelector(".chosen");

place.classList.add("scripted");
for (const each of document.querySelectorAll(".needs-script")) each.hidden = false;

const megabytes = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MB`;

/** What the form holds now: its preview, where the browser can show it, and its name. */
function show() {
  const file = input.files[0];
  URL.revokeObjectURL(preview.src);
  preview.removeAttribute("src");
  preview.hidden = true;
  invitation.hidden = Boolean(file);
  chosen.hidden = !file;
  chosen.textContent = file ? `${file.name}, ${megabytes(file.size)}` : "";
  const most = Number(form.dataset.maxBytes);
  button.disabled = file?.size > most;
  if (!file) return; // what the server said stays where it is
  error.textContent = file.size > most ? `${file.name} has ${megabytes(file.size)}; ${megabytes(most)} are allowed. Choose a smaller picture.` : "";
  preview.onload = () => (preview.hidden = false);
  preview.onerror = () => (chosen.textContent = `${file.name}, ${megabytes(file.size)} (this browser cannot show it; posekit may read it)`);
  preview.src = URL.createObjectURL(file);
}

/** Puts a dropped or pasted file into the form, as if it had been chosen. */
function take(files) {
  const file = [...files].find((each) => each.type.startsWith("image/") || /\.(heic|heif|avif)$/i.test(each.name));
  if (!file) return (error.textContent = "That is no picture. Drop or paste a photo: a file, or a picture that was copied.");
  const one = new DataTransfer();
  one.items.add(file);
  input.files = one.files;
  show();
  button.focus();
}

input.addEventListener("change", show);
for (const name of ["dragenter", "dragover"]) {
  document.addEventListener(name, (event) => {
    event.preventDefault(); // else a photo that misses the field would replace the page
    place.classList.add("over");
  });
}
document.addEventListener("dragleave", (event) => event.relatedTarget ?? place.classList.remove("over"));
document.addEventListener("drop", (event) => {
  event.preventDefault();
  place.classList.remove("over");
  take(event.dataTransfer.files);
});
document.addEventListener("paste", (event) => {
  if (event.clipboardData.files.length) take(event.clipboardData.files);
});

form.addEventListener("submit", () => {
  button.setAttribute("aria-busy", "true");
  busy.textContent = "Looking…";
  error.textContent = "";
});
// Back from the result, the page may be as it was left.
window.addEventListener("pageshow", () => {
  button.removeAttribute("aria-busy");
  busy.textContent = "";
  show();
});
