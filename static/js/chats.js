// The badge of unread messages, the list of chats kept current, and choosing people by name.
import { announce } from "./ui.js";

const badge = document.querySelector("#chats-badge");
const list = document.querySelector("#chat-list");

function count(unread) {
  const more = unread > Number(badge.dataset.unread);
  badge.dataset.unread = unread;
  badge.hidden = !unread;
  badge.querySelector("[data-count]").textContent = unread > 99 ? "99+" : unread;
  if (more && document.hidden) announce(`${unread} unread message${unread === 1 ? "" : "s"}`);
}

const refresh = () => list && window.htmx.trigger(list, "refresh");

document.addEventListener("agora:news", ({ detail: frame }) => {
  if (frame.type !== "chats" || !badge) return;
  count(frame.unread);
  refresh();
});

// Without a socket the list is asked for at the pace of the retries.
document.addEventListener("agora:ask", refresh);

document.addEventListener("input", ({ target }) => {
  if (!target.dataset.filter) return;
  const words = target.value.trim().toLowerCase();
  for (const one of document.querySelectorAll(`${target.dataset.filter} > li`)) {
    one.hidden = !one.dataset.words.includes(words) && !one.querySelector(":checked");
  }
});

// Enter in the filter chooses nobody and sends nothing.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.dataset?.filter) event.preventDefault();
});
