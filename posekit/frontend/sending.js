// Sends a form of the page, and explains errors in words.

/**
 * The address that the server answers with. Throws an error that says what was wrong.
 * @param {HTMLFormElement} form
 * @param {FormData} fields
 * @param {number} tries how often to try while the server is busy, at the interval that it asks for
 */
export async function send(form, fields, tries) {
  for (let i = 1; ; i++) {
    const answer = await fetch(form.action, { method: "POST", body: fields }).catch(() => null);
    if (!answer) throw new Error("The server does not answer. Is it still running? Try again in a moment.");
    if (answer.ok && answer.redirected) return answer.url;
    if (answer.status !== 503 || i >= tries) {
      const text = await answer.text();
      const alert = new DOMParser().parseFromString(text, "text/html").querySelector("[role=alert]");
      throw new Error(alert?.textContent || `The server answered ${answer.status}.`);
    }
    await new Promise((done) => setTimeout(done, 1000 * Number(answer.headers.get("Retry-After") ?? 1)));
  }
}
