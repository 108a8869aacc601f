// Single-key shortcuts, with a list behind "?" and a switch to turn them off (WCAG 2.1.4).
const OFF = "agora:shortcuts-off";
const sheet = document.querySelector("#shortcuts");
let went = 0;

const STEPS = ".feed .post, .post.single, .discussion .comment";
const posts = () => [...document.querySelectorAll(STEPS)];
const current = () => document.activeElement?.closest?.(STEPS);
const KINDS = ["like", "insightful", "love", "dislike"];

// What is in focus, or on its own page the post.
const subject = () => current() ?? document.querySelector(".post.single");

function react(kind) {
  subject()?.querySelector(`[data-reactions] [data-kind=${kind}]`)?.click();
}

function reply() {
  const on = subject();
  if (on?.matches(".single")) return document.querySelector("#say-root textarea")?.focus();
  on?.querySelector("[data-reply]")?.click();
}
const follow = (selector) => document.querySelector(selector)?.click();

function step(by) {
  const all = posts();
  const at = all.indexOf(current());
  const next = all[at < 0 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1)];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
}

function focusOr(selector, place) {
  const field = document.querySelector(selector);
  if (field) return field.focus();
  const link = document.querySelector(`[data-go="${place}"]`);
  if (link) location.href = `${link.href}${selector}`;
}

const actions = {
  j: () => step(1),
  k: () => step(-1),
  o: () => { const post = current(); if (post?.dataset.href) location.href = post.dataset.href; },
  r: reply,
  b: () => subject()?.querySelector("[data-bookmark]")?.click(),
  ...Object.fromEntries(KINDS.map((kind, index) => [index + 1, () => react(kind)])),
  n: () => focusOr("#composer-text", "h"),
  "/": () => {
    const products = document.querySelector("#shop-query, #catalogue-query");
    if (products) products.focus();
    else focusOr("#people-query", "p");
  },
  ".": () => document.dispatchEvent(new Event("agora:show-new")),
  "?": () => sheet.showModal(),
  g: () => { went = Date.now(); },
};

document.addEventListener("keydown", (event) => {
  if (!sheet || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest("input, textarea, select, dialog, [contenteditable]")) return;
  if (localStorage.getItem(OFF)) return;
  if (Date.now() - went < 1_500 && "hnpcsub".includes(event.key)) {
    went = 0;
    return follow(`[data-go="${event.key}"]`);
  }
  const action = actions[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});

if (sheet) {
  const choice = sheet.querySelector("#shortcuts-switch");
  choice.checked = !localStorage.getItem(OFF);
  choice.addEventListener("change", () => localStorage.setItem(OFF, choice.checked ? "" : "yes"));
  sheet.querySelector("#shortcuts-close").addEventListener("click", () => sheet.close());
  document.querySelector("#shortcuts-open")?.addEventListener("click", () => sheet.showModal());
  if (location.hash === "#people-query") document.querySelector("#people-query")?.focus();
}
