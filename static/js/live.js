// One socket per tab. Its frames are hints: what they name is fetched over HTTP, where
// permissions are checked. A socket that fell silent is closed and opened again, further and
// further apart, and asks for everything since the last time it is sure of.

const HEARTBEAT = 25_000;
const ANSWER_WITHIN = 10_000;
const LONGEST_WAIT = 30_000;
const OVERLAP = 30_000; // commits do not come in the order of their times; the feed drops doubles

export class Live {
  #socket = null;
  #timer = null;
  #heart = null;
  #failures = 0;
  #ahead = 0;
  stopped = false;

  constructor(url, since, { frame, state, failed }) {
    Object.assign(this, { url, since, frame, state, failed });
    addEventListener("online", () => this.#again());
    addEventListener("pagehide", () => this.#close()); // an open socket keeps a page out of Back's memory
    addEventListener("pageshow", (event) => event.persisted && this.#again());
    document.addEventListener("visibilitychange", () => document.hidden || this.#again());
  }

  start() {
    this.stopped = false;
    this.#open();
  }

  stop() {
    this.stopped = true;
    this.#close();
    this.state("off");
  }

  // Lost if there is no connection: say it again when there is ("on").
  send(frame) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  #again() {
    if (this.stopped || this.#socket) return;
    this.#failures = 0;
    this.#open();
  }

  #open() {
    clearTimeout(this.#timer);
    if (this.#socket) return;
    this.state("waiting");
    const address = new URL("/ws/v1/updates", this.url.replace(/^http/, "ws"));
    address.searchParams.set("since", this.since);
    const socket = (this.#socket = new WebSocket(address));
    socket.onmessage = (event) => this.#receive(JSON.parse(event.data));
    socket.onclose = (event) => socket === this.#socket && this.#lost(event.code);
  }

  #receive(frame) {
    clearTimeout(this.#heart);
    this.#heart = setTimeout(() => this.#ping(), HEARTBEAT);
    if (frame.type === "hello") {
      this.#ahead = Date.parse(frame.now) - performance.now(); // the server's clock, not ours
      this.#failures = 0;
      this.#ping(); // its answer comes after all that was missed
      this.state("on");
    } else if (frame.type === "pong") {
      this.since = new Date(this.#ahead + performance.now() - OVERLAP).toISOString();
    } else {
      this.frame(frame);
    }
  }

  #ping() {
    this.send({ type: "ping" });
    clearTimeout(this.#heart);
    this.#heart = setTimeout(() => this.#socket?.close(), ANSWER_WITHIN);
  }

  #lost(code) {
    this.#close();
    if (this.stopped) return;
    if (code === 4401) return this.state("signed-out");
    this.#failures += 1;
    this.state("waiting");
    this.failed(this.#failures);
    const longest = Math.min(LONGEST_WAIT, 500 * 2 ** this.#failures);
    this.#timer = setTimeout(() => this.#open(), longest * (0.5 + Math.random() / 2));
  }

  #close() {
    clearTimeout(this.#heart);
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }
}
