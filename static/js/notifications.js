// The badge of unread notifications, their page kept current, and following one as reading it.
import { announce } from "./ui.js";

const badge = document.querySelector("#unread-badge");
const list = document.querySelector("#notices[data-live]");

function count(unread) {
  const more = unread > Number(badge.dataset.unread);
  badge.dataset.unread = unread;
  badge.hidden = !unread;
  badge.querySelector("[data-count]").textContent = unread > 99 ? "99+" : unread;
  if (more) announce(`${unread} unread notification${unread === 1 ? "" : "s"}`);
}

document.addEventListener("agora:news", ({ detail: frame }) => {
  if (frame.type !== "notifications" || !badge) return;
  count(frame.unread);
  if (list) window.htmx.trigger(list, "refresh");
});

// Without a socket the page asks by itself, at the pace of the retries.
document.addEventListener("agora:ask", () => list && window.htmx.trigger(list, "refresh"));

document.addEventListener("click", ({ target }) => {
  const form = document.getElementById(target.closest("[data-read]")?.dataset.read);
  if (form) navigator.sendBeacon(form.action, new FormData(form));
});
