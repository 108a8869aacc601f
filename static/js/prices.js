// Prices on this page, kept as the shop has them: news say which to fetch again. Who has not
// signed in has no socket, and asks now and then.
import { live } from "./news.js";
import { announce } from "./ui.js";

const SOON = 300; // several change together
const EVERY = 60_000;
const MOST = 200;
const waiting = new Set();
let timer = null;
let subscribed = "";

const quote = () => document.querySelector("[data-quote-of]");
const cards = () => [...document.querySelectorAll("[data-price-of]")];
const inCart = () => document.querySelector("#cart")?.dataset.products.split(" ") ?? [];
const shown = () => {
  const ids = [quote()?.dataset.quoteOf, ...cards().map((card) => card.dataset.priceOf), ...inCart()];
  return [...new Set(ids.filter(Boolean))].slice(0, MOST);
};

async function fetchQuote(part) {
  await window.htmx.ajax("GET", part.dataset.address, { source: part, target: part, swap: "outerHTML" });
  if (quote()?.textContent.trim() !== part.textContent.trim()) announce("The price has changed");
}

async function fetchCards(ids) {
  const address = new URL(document.querySelector("[data-prices]").dataset.prices, location.href);
  for (const id of ids) address.searchParams.append("id", id);
  const response = await fetch(address, { headers: { "HX-Request": "true" } });
  if (!response.ok) return; // the next news bring it
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const now = new Map([...page.querySelectorAll("[data-price-of]")].map((card) => [card.dataset.priceOf, card]));
  for (const card of cards()) {
    const fresh = now.get(card.dataset.priceOf);
    if (fresh && fresh.innerHTML !== card.innerHTML) card.innerHTML = fresh.innerHTML;
  }
}

function fetchWaiting() {
  const ids = cards().map((card) => card.dataset.priceOf).filter((id) => waiting.has(id));
  if (quote() && waiting.has(quote().dataset.quoteOf)) fetchQuote(quote()).catch(() => {});
  if (ids.length) fetchCards(new Set(ids)).catch(() => {});
  waiting.clear();
  timer = null;
}

function changed(ids) {
  ids.forEach((id) => waiting.add(id));
  if (waiting.size) timer ??= setTimeout(fetchWaiting, SOON);
}

// The whole list, whenever it is another.
function subscribe() {
  const ids = shown();
  if (ids.join() === subscribed) return;
  subscribed = ids.join();
  live.send({ type: "subscribe", product_ids: ids, since: live.since });
}

document.addEventListener("agora:news", ({ detail }) => {
  if (detail.type === "prices") changed(detail.product_ids);
});
if (live) {
  document.addEventListener("agora:live", ({ detail }) => {
    if (detail !== "on") return;
    subscribed = "";
    subscribe();
  });
  document.addEventListener("agora:ask", () => changed(shown()));
  document.addEventListener("htmx:afterSettle", subscribe);
} else if (document.querySelector("[data-prices]")) {
  setInterval(() => {
    if (document.hidden || document.querySelector("#undo")) return;
    document.dispatchEvent(new CustomEvent("agora:news", { detail: { type: "prices", product_ids: shown() } }));
  }, EVERY);
}
