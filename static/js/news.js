// The page's one socket. Whatever on the page wants news listens on the document: "agora:news" is a
// frame, "agora:live" how the socket is, "agora:ask" that there is none and HTTP has to do.
import { Live } from "./live.js";

const BAR_AFTER = 3_000;
const meta = (name) => document.querySelector(`meta[name=${name}]`)?.content;
const tell = (event, detail) => document.dispatchEvent(new CustomEvent(`agora:${event}`, { detail }));
const bar = document.querySelector("#offline");
let barTimer = null;

// Retries come and go within the three seconds: they must not start them anew. A page on which
// nothing moves needs no bar.
export function lost(isLost) {
  if (isLost && document.querySelector("[data-live]")) {
    barTimer ??= setTimeout(() => (bar.hidden = false), BAR_AFTER);
  } else {
    clearTimeout(barTimer);
    barTimer = null;
    bar.hidden = true;
  }
}

// Null where nobody has signed in.
export const live = meta("live-url")
  ? new Live(meta("live-url"), meta("live-since"), {
      frame: (frame) => tell("news", frame),
      state: (state) => {
        tell("live", state);
        lost(state === "waiting");
      },
      failed: () => tell("ask", live.since),
    })
  : null;

// Open it, unless a part of the page has been told to leave it closed.
export function startNews() {
  if (live && !live.stopped) live.start();
}
