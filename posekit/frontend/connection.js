// What a live loop talks to: the kernel, through a channel of its own, or the model in this browser; and the stream that it shows.

import { BrowserBackend, sourceAt } from "./backend.js";
import { listenTo } from "./dom.js";
import { Place } from "./place.js";

/** @import { GetFile, KernelConnection, Listener, Listeners, Model, Source } from "./types.js" */

const WELCOME_WITHIN = 4000; // ms for the kernel to answer before a camera opens
const RETRY_AFTER = 500; // ms between two attempts to reach the server
const ANSWER_WITHIN = 3000; // ms for the server to answer one of them, and then for the host to connect

export class Connection {
  /**
   * @param {Model} model
   * @param {{ onMessage: (message: any) => void, onWhole: () => void, onGone: () => void, onEnd: () => void }} handlers called for a message
   *   to this tab, a restored connection to the kernel, the end of the kernel, the end of the stream
   */
  constructor(model, handlers) {
    this.model = model;
    this.handlers = handlers;
    this.client = Math.random().toString(36).slice(2); // a notebook may be open in several tabs
    this.greetings = 0;
    /** @type {Map<number, () => void>} Greetings that were not answered yet. */
    this.greeted = new Map();
    this.place = new Place(model, () => this.greetKernel());
    /** @type {Listeners[]} */
    this.listeners = [];
    /** @type {Source | undefined} */
    this.source = undefined;
    /** @type {Model | undefined} */
    this.channel = undefined;
    /** @type {KernelConnection | null | undefined} */
    this.kernel = undefined;
    this.whole = performance.now(); // when the connection to the kernel was last seen working
    this.next = 0; // when to look for the server again
    /** @type {[object, ArrayBuffer[]][]} What could not be sent while the connection to the kernel was broken. */
    this.unsent = [];
    this.onStatus = (/** @type {unknown} */ _, /** @type {string} */ status) => {
      if (status !== "connected") return;
      this.sendLate();
      this.handlers.onWhole();
    };
    /** @type {Promise<Blob> | undefined} */
    this.clip = undefined;
    /** @type {BlobPart[]} */
    this.pieces = [];
    this.onClip = (/** @type {Blob} */ _clip) => {};
    /** @type {BrowserBackend | null} */
    this.backend = null;
    /** @type {Map<string, { resolve: (content: any) => void, reject: (error: Error) => void, onBytes: (bytes: number) => void, pieces: ArrayBuffer[] }>} */
    this.asked = new Map();
    this.listen(model, "msg:custom", (message) => this.onMessage(message));
  }

  /** Looks up the other widgets' models; returns the stream's. */
  async open() {
    const channel = await this.other("_channel");
    this.channel = channel;
    this.listen(channel, "msg:custom", (message, buffers) => this.onMessage(message, buffers));
    // The kernel restarted, died or was shut down; or it is back.
    this.listen(channel, "comm_live_update", () => channel.comm_live === false && this.handlers.onGone());
    this.kernel = this.model.widget_manager.kernel;
    this.kernel?.connectionStatusChanged?.connect(this.onStatus);
    this.send({ kind: "hello" });
    const source = /** @type {Source} */ (await this.other("stream"));
    this.listen(source, "destroy", this.handlers.onEnd);
    this.source = source;
    return source;
  }

  /** Whether the host knows that its connection to the kernel is broken: JupyterLab does; elsewhere only the kernel's silence tells. */
  get broken() {
    const status = this.model.widget_manager.kernel?.connectionStatus;
    return Boolean(status) && status !== "connected" && !this.backend; // a model in this browser needs no kernel
  }

  /**
   * For how long the connection to the kernel has been broken, in ms; JupyterLab renews it now and then, which takes a moment.
   *
   * @param {number} now
   */
  brokenFor(now) {
    if (!this.broken) {
      this.whole = now;
      this.sendLate();
    }
    return now - this.whole;
  }

  /**
   * Polls the server, and tells the host to connect as soon as it answers: JupyterLab alone waits up to two minutes. Not before,
   * since each failed attempt makes JupyterLab connect again half a minute later, over a connection that works.
   *
   * @param {number} now
   */
  async reconnect(now) {
    if (now < this.next) return;
    this.next = now + RETRY_AFTER + ANSWER_WITHIN;
    const kernel = this.model.widget_manager.kernel;
    const found = await isReachable(kernel?.serverSettings?.baseUrl);
    this.next = performance.now() + (found ? ANSWER_WITHIN : RETRY_AFTER);
    if (found && this.broken) kernel?.reconnect?.().catch(() => {}); // the next attempt may succeed
  }

  close() {
    this.backend?.close();
    for (const listeners of this.listeners) listeners.stop();
    this.kernel?.connectionStatusChanged?.disconnect(this.onStatus);
  }

  /**
   * @param {Model} model
   * @param {string} event
   * @param {Listener} listener
   */
  listen(model, event, listener) {
    const listeners = listenTo(model);
    listeners.on(event, listener);
    this.listeners.push(listeners);
  }

  /**
   * Another widget's model, which one of our traits refers to.
   *
   * @param {string} trait
   */
  other(trait) {
    return this.model.widget_manager.get_model(this.model.get(trait).replace("IPY_MODEL_", ""));
  }

  /**
   * @param {any} message
   * @param {ArrayBuffer[]} [buffers]
   */
  onMessage(message, buffers = []) {
    if (message.client && message.client !== this.client) return; // for another tab
    if (message.kind === "welcome") {
      for (const [number, resolve] of this.greeted) if (number <= (message.number ?? number)) resolve(); // answers keep their order
      this.backend?.outbox.flush();
    } else if (message.kind === "received") this.backend?.onReceived(message);
    else if (message.kind === "recount") this.backend?.recount();
    else if (message.kind === "clip") this.onPiece(message, buffers);
    else if (message.kind === "model" || message.kind === "file") this.onFile(message, buffers);
    this.handlers.onMessage(message);
  }

  /** Whether frames are wanted as pixels: the model runs here. */
  get pixels() {
    return Boolean(this.backend);
  }

  /**
   * @param {object} content
   * @param {ArrayBuffer[]} buffers
   */
  send(content, buffers = []) {
    const { kind } = /** @type {any} */ (content);
    if (kind === "frame" && this.backend) {
      this.backend.ask(/** @type {any} */ (content), buffers[0]);
      return;
    }
    if (["status", "record", "recount"].includes(kind)) this.backend?.outbox.flush(); // earlier points must arrive earlier
    if (kind === "recount") this.backend?.recount();
    // JupyterLab would keep it, frames too, and then hold back what follows until the kernel has told about itself, for up to 3 s.
    if (!this.broken) this.pass(content, buffers);
    else if (kind !== "frame") this.unsent.push([content, buffers]);
  }

  /** Sends what had to wait while the connection was broken. */
  sendLate() {
    for (const [content, buffers] of this.unsent.splice(0)) this.pass(content, buffers);
  }

  /**
   * @param {object} content
   * @param {ArrayBuffer[]} buffers
   */
  pass(content, buffers) {
    try {
      this.channel?.send({ client: this.client, ...content }, undefined, buffers);
    } catch {
      // the kernel is gone; comm_live_update reports that
    }
  }

  /** @returns {Promise<Blob>} The clip that the stream plays, from the kernel: empty where that has none. */
  fetchClip() {
    this.clip ??= new Promise((resolve) => {
      this.onClip = resolve;
      this.send({ kind: "clip" });
    });
    return this.clip;
  }

  /**
   * @param {{ left: number }} message how many are still to come
   * @param {BlobPart[]} buffers
   */
  onPiece({ left }, buffers) {
    this.pieces.push(...buffers);
    if (!left) this.onClip(new Blob(this.pieces.splice(0)));
  }

  /** Opens the model in this browser where it is to run here, else greets the kernel; false where that does not answer in time. */
  async greet() {
    this.backend?.close();
    this.backend = null;
    const here = await this.place.choose();
    if (here === undefined) return false;
    if (!here) return this.greetKernel();
    const backend = new BrowserBackend(this.model, this.modelSource(), {
      answer: (message) => this.handlers.onMessage(message),
      tell: (content) => this.send(content),
    });
    this.backend = backend;
    try {
      await backend.open();
    } catch (error) {
      backend.close();
      this.backend = null;
      if (this.place.open) this.place.problem = /** @type {Error} */ (error).message;
      throw error; // said before a picture goes elsewhere; the next start takes the kernel, where nobody chose
    }
    return true;
  }

  /** Where models come from: an address of the page, or the kernel. */
  modelSource() {
    const base = this.model.get("_files");
    if (base) return sourceAt(base);
    return {
      about: (/** @type {string} */ name) => this.ask("model", name),
      /** @type {GetFile} */
      get: (about, onBytes) => this.ask("file", about.sha256, onBytes),
    };
  }

  /**
   * Asks the kernel for a model's description or a file, which it sends when it has time.
   *
   * @param {"model" | "file"} kind
   * @param {string} name
   * @param {(bytes: number) => void} onBytes
   * @returns {Promise<any>}
   */
  ask(kind, name, onBytes = () => {}) {
    return new Promise((resolve, reject) => {
      this.asked.set(name, { resolve, reject, onBytes, pieces: [] });
      this.send({ kind, name });
    });
  }

  /**
   * @param {any} message
   * @param {ArrayBuffer[]} buffers
   */
  onFile({ name, about, left, text }, [buffer]) {
    const asked = this.asked.get(name);
    if (!asked) return;
    if (buffer) {
      asked.pieces.push(buffer);
      asked.onBytes(buffer.byteLength);
    }
    if (left) return;
    this.asked.delete(name);
    if (text) asked.reject(new Error(text));
    else if (about) asked.resolve(about);
    else new Blob(asked.pieces).arrayBuffer().then(asked.resolve, asked.reject);
  }

  /** @returns {Promise<boolean>} Whether the kernel answers in time. */
  greetKernel() {
    const number = ++this.greetings;
    this.send({ kind: "hello", number });
    return new Promise((resolve) => {
      const end = (/** @type {boolean} */ answered) => {
        clearTimeout(timer);
        this.greeted.delete(number);
        resolve(answered);
      };
      const timer = setTimeout(end, WELCOME_WITHIN, false);
      this.greeted.set(number, () => end(true));
    });
  }
}

/**
 * Whether a Jupyter server answers, and not a proxy in front of it.
 *
 * @param {string} [base] its address; if the host does not tell it, the server counts as reachable
 */
async function isReachable(base) {
  if (!base) return true;
  const signal = AbortSignal.timeout(ANSWER_WITHIN);
  const answer = await fetch(`${base}api`, { signal, cache: "no-store" }).catch(() => null);
  return Boolean(answer) && Number(answer?.status) < 500;
}
