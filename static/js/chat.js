// An open conversation: messages come by themselves, what is sent shows at once and is sent once, and
// what was in view of somebody who looks is read. All of it works without this, by forms.
import { refresh as refreshTimes } from "./times.js";
import { showSeen } from "./company.js";
import { startOutbox } from "./outbox.js";
import { startTyping } from "./typing.js";
import { lost } from "./news.js";
import { limitUndo } from "./ui.js";

const TOGETHER = 5 * 60_000;
const AT_ONCE = 50;
const READ_AFTER = 400;

const room = document.querySelector("#conversation");
const log = document.querySelector("#log");
const messages = document.querySelector("#messages");

// The log hangs from its lower end: there scrollTop is 0, and above it less.
const isAtEnd = () => log.scrollTop > -40;
const toEnd = () => (log.scrollTop = 0);
const all = () => [...messages.querySelectorAll("[data-message]")];

function keepingPlace(change) {
  const stays = !isAtEnd();
  const before = log.scrollHeight;
  change();
  if (stays) log.scrollTop -= log.scrollHeight - before;
  else toEnd();
}

function goesOn(before, message) {
  if (before?.dataset.by !== message.dataset.by) return false;
  return Date.parse(message.dataset.at) - Date.parse(before.dataset.at) < TOGETHER;
}

// One author's messages stand together under one name and time.
function group() {
  for (const message of messages.querySelectorAll(".message")) {
    let before = message.previousElementSibling;
    if (before?.id === "seen") before = before.previousElementSibling;
    message.classList.toggle("starts", !goesOn(before?.matches(".message") ? before : null, message));
  }
}

// Each goes where it belongs, once: ids are in the order of writing.
function place(fresh) {
  const there = document.getElementById(fresh.id);
  // It is being edited, or is about to: the form would come into what is no longer there.
  if (there?.matches(".editing") || there?.querySelector("[data-edit].htmx-request")) return;
  const id = fresh.dataset.message;
  if (there) {
    const focused = there.contains(document.activeElement) ? document.activeElement.id : "";
    const open = [...there.querySelectorAll("details[open] > summary")].map((summary) => summary.id);
    there.replaceWith(fresh);
    for (const summary of open) document.getElementById(summary)?.parentElement.toggleAttribute("open", true);
    window.htmx.process(fresh);
    limitUndo(fresh);
    if (focused) document.getElementById(focused)?.focus();
    return;
  }
  const [first] = all();
  if (first && id < first.dataset.message && messages.querySelector("#older-messages")) return;
  const after = all().find((other) => other.dataset.message > id) ?? messages.querySelector(".sending");
  if (!after && fresh.dataset.by !== room.dataset.me && !looks()) divide();
  messages.insertBefore(fresh, after ?? null);
  window.htmx.process(fresh);
}

// What comes while nobody looks stands below a line.
function divide() {
  if (messages.querySelector("#new")) return;
  const line = document.createElement("li");
  line.className = "new-line";
  line.id = "new";
  line.innerHTML = "<span>New</span>";
  messages.append(line);
}

export function show(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const fresh = [...page.querySelectorAll("[data-message]")];
  keepingPlace(() => {
    fresh.forEach(place);
    group();
  });
  document.querySelector("#chat-empty")?.toggleAttribute("hidden", messages.querySelector(".message") !== null);
  refreshTimes();
  markRead();
  if (fresh.some((message) => message.dataset.by === room.dataset.me)) showSeen();
}

async function fetchThese(ids) {
  const address = new URL(room.dataset.messages, location.href);
  for (const id of ids) address.searchParams.append("id", id);
  const response = await fetch(address, { headers: { "HX-Request": "true" } });
  if (!response.ok || response.redirected) throw new Error(`${response.status}`);
  show(await response.text());
}

let asked = new Set();
let asking = null;

// One request at a time, for all that came meanwhile.
function ask(id, settled) {
  asked.add(id);
  asking ??= settled().then(async () => {
    asking = null;
    const ids = [...asked];
    asked = new Set();
    for (let at = 0; at < ids.length; at += AT_ONCE) await fetchThese(ids.slice(at, at + AT_ONCE));
  }).catch(() => {}); // the socket says it again when it comes back
}

const looks = () => !document.hidden && document.hasFocus();
let read = "";
let reading = null;

// Only what is in view of a tab that has the focus is read.
function markRead() {
  if (!looks() || "older" in room.dataset) return;
  const floor = log.getBoundingClientRect().bottom;
  const seen = all().findLast((message) => message.getBoundingClientRect().top < floor - 8);
  if (!seen || seen.dataset.message <= read) return;
  read = seen.dataset.message;
  if (seen.dataset.by === room.dataset.me) return; // who writes has read
  clearTimeout(reading);
  reading = setTimeout(sayRead, READ_AFTER, read);
}

async function sayRead(id) {
  const body = new FormData();
  body.set("message_id", id);
  body.set("csrfmiddlewaretoken", room.querySelector("[name=csrfmiddlewaretoken]").value);
  const answer = await fetch(room.dataset.readUrl, { method: "POST", body, headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok && read === id) read = ""; // said again with the next look
}

// The way of a keyboard: up edits what was said last, Esc leaves that alone.
function keys(event) {
  const box = event.target;
  if (event.key === "ArrowUp" && box.id === "chat-text" && !box.value) {
    const link = [...messages.querySelectorAll(".message.mine [data-edit]")].at(-1);
    if (!link) return;
    event.preventDefault();
    link.click();
  } else if (box.matches("[data-edit-text]")) {
    if (event.key === "Escape") box.form.querySelector("[data-cancel-edit]").click();
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    box.form.requestSubmit();
  }
}

function received(frame, settled) {
  if (frame.chat_id !== room.dataset.chat) return;
  if (frame.type === "chat.message") ask(frame.message.message_id, settled);
  if (frame.type === "chat.message_removed" && document.getElementById(`message-${frame.message_id}`)) {
    ask(frame.message_id, settled);
  }
}

export function startChat() {
  if (!room) return;
  read = room.dataset.unread === "0" ? (all().at(-1)?.dataset.message ?? "") : room.dataset.read;
  const settled = startOutbox(room, messages, { show, toEnd, group });
  startTyping(room);
  document.addEventListener("agora:news", ({ detail }) => received(detail, settled));
  document.addEventListener("agora:ask", () => fetchThese([]).then(() => lost(false), () => {}));
  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    if (!messages.contains(detail.elt)) return;
    group();
    const box = messages.querySelector("[data-edit-text]");
    if (box && detail.elt.contains(box)) box.focus();
    else if (document.activeElement === document.body) document.querySelector("#chat-text")?.focus();
  });
  document.addEventListener("keydown", keys);
  log.addEventListener("scroll", markRead, { passive: true });
  for (const event of ["focus", "pageshow"]) addEventListener(event, markRead);
  document.addEventListener("visibilitychange", markRead);
  if (location.hash === "#new") document.querySelector("#new")?.scrollIntoView({ block: "center" });
  markRead();
  room.dataset.ready = "";
}
