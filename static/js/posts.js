// Posts and comments on the page stay true: what the socket says has changed is fetched and put in
// its place. What somebody is writing in or has open is left alone.
import { live } from "./news.js";
import { announce } from "./ui.js";

const SOON = 400; // several changes come together
const SHOWN_MAX = 100;
const single = document.querySelector("[data-single]");
const timers = new Map();
let visible = null;

// Somebody writes in it, has its menu open, or has just pressed something the server does not know.
const busy = (element) => element.matches(".htmx-request") || element.querySelector(".htmx-request, [data-menu][open]")
  || (element.contains(document.activeElement) && document.activeElement.matches("input, textarea, select"));
const byId = (id) => document.getElementById(id);

async function fetched(address) {
  const response = await fetch(address, { headers: { "HX-Request": "true" } });
  if (!response.ok || response.redirected) throw new Error(`${response.status}`);
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

function replace(id, page) {
  const [old, fresh] = [byId(id), page.getElementById(id)];
  if (!old || !fresh || busy(old) || old.innerHTML === fresh.innerHTML) return;
  const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
  old.replaceWith(fresh);
  window.htmx.process(fresh);
  if (focused) byId(focused)?.focus({ preventScroll: true });
}

function recount(item) {
  for (let list = item; (list = list.parentElement?.closest(".replies")); ) {
    const below = list.querySelectorAll(".comment").length;
    const summary = list.querySelector(":scope > summary");
    summary.querySelector("[data-below]").textContent = below;
    summary.querySelector("[data-plural]").textContent = below === 1 ? "y" : "ies";
  }
}

// The end of the comments may not be on the page yet: then what is new is there when it comes.
function add(comment) {
  const parent = comment.dataset.parent;
  const list = parent ? byId(`replies-${parent}`) : byId("comments");
  if (!list || (!parent && byId("further"))) return false;
  list.append(comment);
  window.htmx.process(comment);
  comment.classList.add("arriving");
  recount(comment);
  return true;
}

function remove(id) {
  const comment = byId(`comment-${id}`);
  if (!comment || busy(comment)) return;
  const list = comment.parentElement;
  comment.remove();
  recount(list);
}

async function refreshSingle() {
  const address = new URL(single.dataset.news, location.href);
  const shown = [...document.querySelectorAll("#comments .comment")].slice(-SHOWN_MAX);
  address.searchParams.set("shown", shown.map((one) => one.dataset.comment).join());
  address.searchParams.set("after", single.dataset.made);
  address.searchParams.set("since", single.dataset.since);
  const page = await fetched(address);
  const news = page.getElementById("news");
  Object.assign(single.dataset, { made: news.dataset.made, since: news.dataset.since });
  replace(`text-${single.dataset.post}`, page);
  replace(`reactions-${single.dataset.post}`, page);
  byId("comment-count").textContent = news.dataset.count;
  news.dataset.gone.split(" ").filter(Boolean).forEach(remove);
  let added = 0;
  for (const comment of [...page.querySelectorAll(".comment")]) {
    if (byId(comment.id)) replace(`own-${comment.dataset.comment}`, page);
    else added += add(comment);
  }
  if (added) announce(added === 1 ? "1 new comment" : `${added} new comments`);
}

async function refreshCard(card) {
  const page = await fetched(card.dataset.card);
  replace(`text-${card.dataset.post}`, page);
  const foot = byId(`foot-${card.dataset.post}`);
  if (!foot.querySelector(".say-form")) replace(foot.id, page);
}

function changed(postId) {
  if (timers.has(postId)) return;
  timers.set(postId, setTimeout(() => {
    timers.delete(postId);
    const card = byId(`post-${postId}`);
    if (card?.dataset.post) (card === single ? refreshSingle() : refreshCard(card)).catch(() => {});
  }, SOON));
}

function subscribe(post, type) {
  live.send({ type, post_id: post.dataset.post });
}

// Of a long feed those that are in sight.
function watchFeed() {
  visible = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!target.isConnected) visible.unobserve(target);
      // One that was drawn anew is watched in its place.
      if (!target.isConnected && byId(target.id)) continue;
      if (isIntersecting === target.classList.contains("watched")) continue;
      target.classList.toggle("watched", isIntersecting);
      subscribe(target, isIntersecting ? "subscribe" : "unsubscribe");
    }
  });
  const watch = () => document.querySelectorAll(".feed .post").forEach((post) => visible.observe(post));
  new MutationObserver(watch).observe(document.querySelector(".feed"), { childList: true });
  watch();
}

export function startPosts() {
  const feed = document.querySelector(".feed");
  if (!live || (!single && !feed)) return;
  document.addEventListener("agora:news", ({ detail }) => {
    if (detail.type === "post.updated") changed(detail.post_id);
  });
  document.addEventListener("agora:live", ({ detail }) => {
    if (detail !== "on") return;
    if (single) {
      subscribe(single, "subscribe");
      changed(single.dataset.post); // what happened until now
    }
    for (const post of document.querySelectorAll(".post.watched")) subscribe(post, "subscribe");
  });
  document.addEventListener("agora:ask", () => single && changed(single.dataset.post));
  if (feed) watchFeed();
}

// What was just said may have come by the socket, too; and the writer goes on where they were.
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  const form = detail.requestConfig?.elt;
  if (!form?.matches?.(".say-form") || detail.xhr.status >= 300) return;
  for (const comment of document.querySelectorAll("#comments .comment")) {
    const twins = document.querySelectorAll(`[id="${comment.id}"]`);
    if (twins.length > 1) twins[0].remove();
    else if (comment.parentElement.lastElementChild === comment) recount(comment);
  }
  const next = byId(`say-text-${form.dataset.key}`) ?? byId(`comment-on-${form.dataset.key}`);
  next?.focus({ preventScroll: true });
});
document.addEventListener("htmx:afterSwap", ({ target }) => {
  if (target.matches?.(".say")) target.querySelector("textarea")?.focus();
});
document.addEventListener("keydown", (event) => {
  const form = event.key === "Escape" && event.target.closest(".say .say-form");
  if (!form || form.closest("#say-root")) return;
  const opener = byId(`comment-on-${form.dataset.key}`);
  form.remove();
  opener?.focus();
});
