// The cart and orders on this page, kept as the server has them: news say when to fetch them again.
import { lost } from "./news.js";

let revision = 0; // the cart's newest, as far as is known
let changed = false; // something of the orders, or of what the cart comes to

const shown = () => document.querySelector("[data-kept]");

// What somebody is typing is not taken from under their fingers.
function typing(part) {
  const at = document.activeElement;
  return part.contains(at) && at.matches("input") && at.value !== at.defaultValue;
}

// Once nothing is under way: the answer to a form may well bring what the news were of.
function keep() {
  const part = shown();
  if (!part || part.classList.contains("htmx-request") || typing(part)) return;
  const behind = changed || Number(part.dataset.revision) < revision;
  if (!behind) return;
  revision = 0;
  changed = false;
  fetchAgain(part).catch(() => {});
}

// In the name of what is not seen: nobody pressed a button that should look pressed.
const fetchAgain = (part) => window.htmx.ajax("GET", part.dataset.kept, { source: "#status", target: part, swap: "outerHTML" });

// A price of something that is in the cart.
const costs = (part, frame) => frame.product_ids.some((id) => part.dataset.products?.split(" ").includes(id));
const concerns = (part, frame) => "orders" in part.dataset || frame.order_id === part.dataset.order;

document.addEventListener("agora:news", ({ detail }) => {
  if (detail.type === "cart") {
    revision = Math.max(revision, detail.revision);
    const badge = document.querySelector("#cart-badge");
    if (badge && !document.querySelector("#cart")) window.htmx.ajax("GET", badge.dataset.url, { source: "#status", swap: "none" });
  }
  if (detail.type === "order" && shown() && concerns(shown(), detail)) changed = true;
  if (detail.type === "prices" && shown() && costs(shown(), detail)) changed = true;
  keep();
});

document.addEventListener("agora:ask", () => {
  const part = shown();
  if (part && !typing(part)) fetchAgain(part).then(() => lost(false), () => {});
});

// A form that was sent meanwhile has the newer answer. What was unfolded stays so.
let unfolded = [];
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const part = shown();
  if (part && detail.target === part && detail.requestConfig.elt.id === "status") {
    detail.shouldSwap = !part.classList.contains("htmx-request") && detail.requestConfig.path === part.dataset.kept;
    changed ||= !detail.shouldSwap;
    setTimeout(keep);
  }
  unfolded = [...document.querySelectorAll("[data-kept] details[id][open]")].map((part) => part.id);
});
document.addEventListener("htmx:afterSwap", () => {
  for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
  unfolded = [];
});
document.addEventListener("htmx:afterSettle", keep);
document.addEventListener("focusout", () => setTimeout(keep));

// A form that does something once is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]")) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-sent]")) delete form.dataset.sent;
});

// What was put in by this form is in: pressed again, it is to put in more.
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const key = detail.elt.matches(".add-to-cart") && detail.successful && detail.elt.elements.idempotency_key;
  if (key) key.value = Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(16)).join("-");
});

document.addEventListener("click", ({ target }) => target.closest("[data-print]") && print());
