// Who is here, and who has read what one wrote last. The socket tells it of the chats that the page
// shows; who has read comes from the server in words.
import { live } from "./news.js";

const MOST = 50;
const room = document.querySelector("#conversation");
const open = room?.dataset.chat ?? "";
let watched = "";

// Said again with every new connection, and when other chats are on the list.
function watch() {
  const pairs = [...document.querySelectorAll("[data-pair]")].map((row) => row.dataset.pair);
  const chats = [...new Set(open ? [open, ...pairs] : pairs)].slice(0, MOST);
  const frame = { type: "watch", chats, open };
  if (JSON.stringify(frame) === watched) return;
  watched = JSON.stringify(frame);
  live?.send(frame);
}

function showOnline(online) {
  for (const one of document.querySelectorAll("[data-here]")) one.hidden = !online.includes(one.dataset.here);
  for (const group of document.querySelectorAll("[data-company]")) {
    const here = JSON.parse(group.dataset.company).filter((id) => online.includes(id)).length;
    group.hidden = !here;
    group.querySelector("[data-count]").textContent = here;
  }
}

// The line stands below the newest message of one's own.
export async function showSeen() {
  const answer = await fetch(room.dataset.seen, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return; // told again within a minute
  const line = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("#seen");
  document.querySelector("#seen")?.remove();
  if (line) document.getElementById(line.dataset.under)?.after(line);
}

document.addEventListener("agora:live", ({ detail }) => {
  watched = "";
  if (detail === "on") watch();
});
document.addEventListener("agora:news", ({ detail: frame }) => {
  if (frame.type === "presence") showOnline(frame.online);
  if (frame.type === "chat.read" && frame.chat_id === open) showSeen();
});
document.addEventListener("htmx:afterSettle", ({ target }) => target.closest?.("#chat-list") && watch());
