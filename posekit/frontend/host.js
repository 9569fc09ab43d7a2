// The live page: the same front end as the notebook's LivePose, with a stand-in for the notebook's models. What the widget would
// send to the kernel goes to the server as a POST for each frame; what comes back is handed on as the kernel's message.

import live from "/front/live.js";

const MIRRORED = { video: { facingMode: "user", width: { ideal: 640 }, height: { ideal: 480 } } };

const TRIES = 5;

/** What a widget's front end uses of a Jupyter model. */
class Model {
  constructor(values) {
    this.values = values;
    this.listeners = new Map();
  }

  get(name) {
    return this.values[name];
  }

  set(name, value) {
    if (this.values[name] === value) return;
    this.values[name] = value;
    this.tell(`change:${name}`);
  }

  save_changes() {} // each frame carries what the server needs

  on(name, listener) {
    if (!this.listeners.has(name)) this.listeners.set(name, new Set());
    this.listeners.get(name).add(listener);
  }

  off(name, listener) {
    this.listeners.get(name)?.delete(listener);
  }

  tell(name, ...details) {
    for (const listener of [...(this.listeners.get(name) ?? [])]) listener(...details);
  }

  send() {} // the channel does
}

/** 32 hexadecimal digits that nobody can guess: whoever knows a session's name could spoil it. */
const newSession = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** The way to the server, in place of the one to the kernel. */
class Channel extends Model {
  constructor(widget) {
    super({});
    this.widget = widget;
    this.session = newSession();
    this.comm_live = true;
  }

  send(content, _, buffers) {
    if (content.kind === "hello") this.greet(content);
    else if (content.kind === "frame") this.ask(content, buffers[0]);
    else if (content.kind === "status" && content.status === "opening") this.session = newSession();
  }

  async greet({ client }) {
    const answer = await fetch("/api/health").catch(() => null);
    this.live(Boolean(answer?.ok));
    if (answer?.ok) this.tell("msg:custom", { kind: "welcome", client, start: false });
  }

  /** As when a kernel dies, or comes back. */
  live(is) {
    if (this.comm_live === is) return;
    this.comm_live = is;
    this.tell("comm_live_update");
  }

  async ask({ client, seq, region, size, side, time }, jpeg) {
    const [model, smooth] = [this.widget.get("model"), this.widget.get("smooth")];
    const question = { session: this.session, seq, region, size, side, time, model, smooth };
    try {
      const headers = { "Content-Type": "image/jpeg", "X-Question": JSON.stringify(question) };
      let answer;
      for (let i = 0; i < TRIES && question.session === this.session; i++) {
        answer = await fetch("/live/frame", { method: "POST", headers, body: jpeg });
        if (answer.status !== 503) break; // a server that is busy is asked again, but not at once
        await new Promise((done) => setTimeout(done, 1000 * Number(answer.headers.get("Retry-After"))));
      }
      if (question.session !== this.session) return;
      const content = await answer.json();
      if (answer.ok) return this.tell("msg:custom", { kind: "answer", client, seq, ...content });
      this.tell("msg:custom", { kind: "error", client, seq, text: content.error });
    } catch {
      this.live(false);
    }
  }
}

const place = document.getElementById("live");
const { models, threshold } = JSON.parse(place.dataset.settings);
const model = new Model({
  model: models[0],
  threshold,
  mirror: true,
  smooth: true,
  show_crop: false,
  stream: "IPY_MODEL_stream",
  _channel: "IPY_MODEL_channel",
  _models: models,
  _where: "the server",
});
const others = {
  stream: new Model({ _model_name: "CameraStreamModel", constraints: MIRRORED }),
  channel: new Channel(model),
};
model.widget_manager = { get_model: async (name) => others[name] };

const { initialize, render } = live();
const signal = new AbortController().signal;
initialize({ model, signal });
render({ model, el: place, signal });

// The server's own picture, for those who want it.
const feed = document.getElementById("feed");
if (feed) {
  const [button, state, picture] = [feed.querySelector("button"), feed.querySelector("[role=status]"), feed.querySelector("#feed-picture")];
  feed.querySelector(".needs-script").hidden = false;
  let clock;

  /** Whether it still comes: a picture that stands still looks like one that runs. */
  async function look() {
    const answer = await fetch(feed.dataset.health).catch(() => null);
    const camera = answer?.ok ? (await answer.json()).camera : { state: "failed", error: "The server does not answer." };
    if (!clock || camera.state !== "failed") return;
    hide();
    state.textContent = camera.error;
  }

  function hide() {
    clearInterval(clock);
    clock = null;
    picture.querySelector("img")?.removeAttribute("src"); // else it would go on unseen
    picture.replaceChildren();
    button.textContent = "Show it";
    button.setAttribute("aria-expanded", false);
    state.textContent = "";
  }

  button.addEventListener("click", () => {
    if (clock) return hide();
    const image = new Image();
    image.alt = "What the server sees, with the skeletons of the people in it";
    image.onerror = () => clock && (hide(), (state.textContent = "There is no picture: too many watch it, or the camera does not answer. Try again later."));
    image.src = feed.dataset.source;
    picture.replaceChildren(image);
    button.textContent = "Hide it";
    button.setAttribute("aria-expanded", true);
    clock = setInterval(look, 2000);
  });
  window.addEventListener("pagehide", hide); // lets the camera go
}
