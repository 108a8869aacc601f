// Who is typing: said at most every ten seconds, forgotten after fifteen, and by those who want it.
import { live } from "./news.js";

const SAY_EVERY = 10_000;
const FORGET_AFTER = 15_000;

export function startTyping(room) {
  const place = document.querySelector("#typing");
  const names = JSON.parse(room.dataset.names);
  const typing = new Map();
  let saidAt = 0;

  function paint() {
    const who = [...typing.keys()].map((id) => names[id] ?? id);
    if (who.length > 2) place.textContent = "Several people are typing…";
    else place.textContent = who.length ? `${who.join(" and ")} ${who.length > 1 ? "are" : "is"} typing…` : "";
  }

  function stop(id) {
    clearTimeout(typing.get(id));
    typing.delete(id);
    paint();
  }

  document.addEventListener("agora:news", ({ detail: frame }) => {
    if (frame.chat_id !== room.dataset.chat) return;
    if (frame.type === "chat.message") stop(frame.message.created_by);
    if (frame.type !== "chat.typing") return;
    clearTimeout(typing.get(frame.user_id));
    typing.set(frame.user_id, setTimeout(stop, FORGET_AFTER, frame.user_id));
    paint();
  });

  document.querySelector("#chat-text")?.addEventListener("input", ({ target }) => {
    if (room.dataset.typing === "off" || !target.value.trim() || Date.now() - saidAt < SAY_EVERY) return;
    saidAt = Date.now();
    live?.send({ type: "typing", chat_id: room.dataset.chat });
  });
  document.querySelector("#chat-form")?.addEventListener("submit", () => (saidAt = 0));
}
