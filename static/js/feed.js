// New posts arrive by themselves: at the top they slide in, further down a pill waits, so that
// nothing moves under the reader.
import { live, lost } from "./news.js";
import { announce } from "./ui.js";

const AT_TOP = 160;
const words = { on: "Live", waiting: "Connecting", off: "Paused", "signed-out": "Signed out" };

const feed = document.querySelector("#feed[data-live]");
const pill = document.querySelector("#pill");
const title = document.title;
let waiting = [];
let fetching = null;

const known = (id) => feed.querySelector(`#post-${CSS.escape(id)}`) || waiting.some((post) => post.dataset.post === id);
const count = (number) => `${number} new post${number === 1 ? "" : "s"}`;

// News is mostly the newest, but a new connection brings older posts: each goes where it belongs.
function place(post) {
  const newer = (other) => other.dataset.at > post.dataset.at;
  const before = [...feed.querySelectorAll(".post")].find((other) => !newer(other));
  if (!before && feed.querySelector("#older")) return; // further down than this page reaches
  feed.insertBefore(post, before ?? feed.querySelector(".feed-end"));
  post.classList.add("arriving");
  post.addEventListener("animationend", () => post.classList.remove("arriving"), { once: true });
  window.htmx.process(post);
}

function show() {
  const posts = waiting.filter((post) => !document.getElementById(post.id));
  waiting = [];
  posts.forEach(place);
  pill.hidden = true;
  document.title = title;
  return posts;
}

function showAndGoThere() {
  const [first] = show();
  scrollTo({ top: 0 });
  first?.focus({ preventScroll: true });
}

function offer() {
  if (!waiting.length) return;
  announce(count(waiting.length));
  if (scrollY < AT_TOP) return show();
  pill.querySelector("#pill-words").textContent = count(waiting.length);
  pill.hidden = false;
  document.title = `(${waiting.length}) ${title}`;
}

// Asks for what is in the timeline since a moment and keeps what is not on the page yet.
async function fetchSince(since) {
  const address = new URL(feed.dataset.url, location.href);
  address.searchParams.set("since", since);
  const response = await fetch(address, { headers: { "HX-Request": "true" } });
  if (!response.ok || response.redirected) throw new Error(`${response.status}`);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  waiting = [...page.querySelectorAll(".post")].filter((post) => !known(post.dataset.post)).concat(waiting);
  offer();
}

function received(frame) {
  if (frame.type !== "timeline.posts") return;
  const news = frame.posts.filter((post) => !known(post.post_id));
  if (!news.length) return;
  const earliest = news.map((post) => post.updated_at).sort()[0];
  // One request at a time; what comes meanwhile is asked for after it.
  const since = new Date(Date.parse(earliest) - 1).toISOString();
  fetching = Promise.resolve(fetching).then(() => fetchSince(since)).catch(() => {});
}

// Without a socket the same question is asked over HTTP, at the pace of the retries.
function ask(since) {
  fetchSince(since).then(() => lost(false), () => {});
}

export function startFeed() {
  if (!feed || !live) return;
  const button = document.querySelector("#live-switch");
  document.addEventListener("agora:news", ({ detail }) => received(detail));
  document.addEventListener("agora:ask", ({ detail }) => ask(detail));
  document.addEventListener("agora:live", ({ detail }) => {
    button.dataset.state = detail;
    button.setAttribute("aria-pressed", String(detail !== "off"));
    document.querySelector("#live-word").textContent = words[detail];
  });
  button.addEventListener("click", () => {
    const off = button.dataset.state !== "off";
    const csrf = document.querySelector("[name=csrfmiddlewaretoken]").value;
    fetch(feed.dataset.keep, { method: "POST", headers: { "X-CSRFToken": csrf }, body: new URLSearchParams({ live: off ? "" : "on" }) });
    off ? live.stop() : live.start();
    announce(off ? "Live updates paused" : "Live updates on");
  });
  document.querySelector("#pill-button").addEventListener("click", showAndGoThere);
  document.addEventListener("agora:show-new", showAndGoThere);
  addEventListener("scroll", () => scrollY < 8 && waiting.length && show(), { passive: true });
  if ("paused" in feed.dataset) live.stop();
}
