// The shelf of recommendations on this page, fetched again when news say that others were picked.
import { lost } from "./news.js";
import { announce } from "./ui.js";

let newest = 0; // when they were picked, as far as is known

const shelf = () => document.querySelector("#recommendations[data-url]");
const fetchAgain = (part) => window.htmx.ajax("GET", part.dataset.url, { source: part, target: part, swap: "outerHTML" });

// Once nothing is under way: the answer to a form may well bring what the news were of.
function keep() {
  const part = shelf();
  if (!part || part.matches(".htmx-request") || part.querySelector(".htmx-request")) return;
  if (newest <= Date.parse(part.dataset.updated || 0)) return;
  newest = 0;
  fetchAgain(part).then(() => announce("New recommendations are here"), () => {});
}

document.addEventListener("agora:news", ({ detail }) => {
  if (detail.type !== "recommendations") return;
  newest = Math.max(newest, Date.parse(detail.updated_at));
  keep();
});

document.addEventListener("agora:ask", () => {
  const part = shelf();
  if (part) fetchAgain(part).then(() => lost(false), () => {});
});

document.addEventListener("htmx:afterSettle", keep);
