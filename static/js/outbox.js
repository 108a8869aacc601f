// What is written shows at once as "Sending…", and stays until the server has it. Each message has a key
// of its own, so that trying again says nothing twice, whatever became of the first try. What could
// not be sent and what is half written are kept for the next visit, chat by chat.
const wide = matchMedia("(pointer: fine)");

export function startOutbox(room, messages, { show, toEnd, group }) {
  const form = document.querySelector("#chat-form");
  if (!form) return () => Promise.resolve();
  const box = form.elements.content;
  const template = document.querySelector("#sending-template");
  const draft = `agora:draft:chat:${room.dataset.me}:${room.dataset.chat}`;
  const kept = `agora:outbox:${room.dataset.me}:${room.dataset.chat}`;
  let unsent = JSON.parse(localStorage.getItem(kept) ?? "[]");
  let sending = Promise.resolve();

  const keep = () => (unsent.length ? localStorage.setItem(kept, JSON.stringify(unsent)) : localStorage.removeItem(kept));

  function drop(item) {
    unsent = unsent.filter((other) => other.key !== item.key);
    keep();
  }

  function say(line, text, failed) {
    line.classList.toggle("failed", failed);
    line.querySelector("[data-state]").textContent = text;
    for (const button of line.querySelectorAll("button")) button.hidden = !failed;
  }

  async function send(item, line) {
    const body = new FormData(form);
    body.set("content", item.text);
    body.set("idempotency_key", item.key);
    const answer = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } }).catch(() => null);
    if (answer?.headers.has("HX-Redirect")) return location.assign(answer.headers.get("HX-Redirect"));
    if (!answer?.ok) {
      const said = answer?.headers.get("X-Message");
      return say(line, said ? `Not sent: ${decodeURIComponent(said)}` : "Not sent", true);
    }
    drop(item);
    line.remove();
    show(await answer.text());
  }

  // In the order of writing: one after the other.
  function queue(item, line) {
    say(line, "Sending…", false);
    sending = sending.then(() => send(item, line));
  }

  function add(item) {
    const line = template.content.firstElementChild.cloneNode(true);
    line.dataset.by = room.dataset.me;
    line.dataset.at = item.at;
    line.querySelector(".post-text").textContent = item.text;
    line.querySelector("[data-retry]").addEventListener("click", () => {
      queue(item, line);
      box.focus();
    });
    line.querySelector("[data-discard]").addEventListener("click", () => {
      drop(item);
      line.remove();
      box.focus();
    });
    messages.append(line);
    group();
    return line;
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = box.value.trim();
    if (!text) return;
    const item = { key: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`, text, at: new Date().toISOString() };
    unsent.push(item);
    keep();
    box.value = "";
    localStorage.removeItem(draft);
    document.querySelector("#new")?.remove();
    document.querySelector("#chat-empty")?.setAttribute("hidden", "");
    queue(item, add(item));
    toEnd();
  });

  // Where fingers type there is no Shift: Enter breaks the line, the button sends.
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || !wide.matches) return;
    event.preventDefault();
    form.requestSubmit();
  });
  box.addEventListener("input", () => localStorage.setItem(draft, box.value));
  box.value ||= localStorage.getItem(draft) ?? "";
  for (const item of unsent) say(add(item), "Not sent", true);
  return () => sending;
}
