// Toasts, the status region, dialogs, menus, the theme: what any page may need.
const TOAST_STAYS = 6_000;
const UNDO_FOR = 10_000;
const SAID_STAY = 3;
const status = document.querySelector("#status");
const toasts = document.querySelector("#toasts");

// Each message is a line of its own: two at the same moment are both read, also the same one twice.
export function announce(text) {
  const line = document.createElement("p");
  status.append(line);
  requestAnimationFrame(() => (line.textContent = text));
  while (status.children.length > SAID_STAY) status.firstElementChild.remove();
}

function toast(text, kind = "success") {
  const template = document.querySelector(kind === "error" ? "#toast-error-template" : "#toast-template");
  const box = template.content.firstElementChild.cloneNode(true);
  box.querySelector("p").textContent = text;
  toasts.append(box);
  expire(box);
  announce(text);
}

function expire(box) {
  setTimeout(() => (box.matches(":hover, :focus-within") ? expire(box) : box.remove()), TOAST_STAYS);
}

for (const box of toasts.children) expire(box);
if (toasts.children.length) announce(toasts.textContent.trim());
document.querySelector("[data-focus]")?.focus();

document.addEventListener("toast", ({ detail }) => toast(detail.text, detail.kind));
document.addEventListener("htmx:sendError", () => toast("No connection. Nothing was changed; try again.", "error"));
document.addEventListener("htmx:responseError", ({ detail }) => {
  const said = detail.xhr.getResponseHeader("X-Message");
  toast(said ? decodeURIComponent(said) : "That did not work. Try again.", "error");
});

// A step that cannot be undone asks first, in one dialog. Without script its page asks.
const dialog = document.querySelector("#confirm");
let confirmed = null;

function ask(heading, text, label, then) {
  dialog.querySelector("#confirm-title").textContent = heading;
  dialog.querySelector("#confirm-text").textContent = text ?? "";
  dialog.querySelector("#confirm-submit").textContent = label;
  confirmed = then;
  dialog.showModal();
}

dialog?.querySelector("#confirm-cancel").addEventListener("click", () => dialog.close());
dialog?.querySelector("#confirm-form").addEventListener("submit", (event) => {
  event.preventDefault();
  dialog.close();
  confirmed();
});

function confirmLink(link) {
  const { confirm, confirmText, confirmButton, remove, removeSwap = "delete" } = link.dataset;
  const form = dialog.querySelector("#confirm-form");
  ask(confirm, confirmText, confirmButton, () => {
    if (!remove) {
      form.action = link.href;
      return form.submit();
    }
    const token = form.elements.csrfmiddlewaretoken.value;
    window.htmx.ajax("POST", link.href, { target: remove, swap: removeSwap, values: { csrfmiddlewaretoken: token } });
  });
}

// What was just deleted can be taken back for ten seconds.
export function limitUndo(place) {
  const button = place.querySelector?.("[data-undo] button");
  if (button) setTimeout(() => button.remove(), UNDO_FOR);
}
document.addEventListener("htmx:load", ({ target }) => limitUndo(target));

async function copy(text, said) {
  try {
    await navigator.clipboard.writeText(text);
    toast(said);
  } catch {
    toast("Your browser does not let us copy.", "error"); // no clipboard without HTTPS
  }
}

document.addEventListener("click", (event) => {
  const { target } = event;
  for (const menu of document.querySelectorAll("[data-menu][open]")) {
    if (!menu.contains(target) || target.closest(".menu-list")) menu.open = false;
  }
  const link = target.closest("[data-confirm]");
  const sure = target.closest("[data-sure]");
  const copied = target.closest("[data-copy]");
  const secret = target.closest("[data-copy-text]");
  if (target.closest("[data-dismiss]")) target.closest(".toast").remove();
  if (copied) copy(new URL(copied.dataset.copy, location.href).href, "Link copied");
  if (secret) copy(document.querySelector(secret.dataset.copyText).textContent, "Token copied");
  if (link && dialog && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    confirmLink(link);
  }
  if (sure && !sure.dataset.agreed) {
    event.preventDefault();
    event.stopPropagation();
    ask(sure.dataset.sure, "", sure.textContent.trim(), () => {
      sure.dataset.agreed = "yes";
      sure.click();
    });
  }
}, true);

document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.activeElement.closest("[data-menu][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

document.querySelector("#theme-form")?.addEventListener("change", ({ target }) => {
  document.documentElement.dataset.theme = target.value;
});

// "Load older": reading goes on at the first thing that came.
let lastBefore = null;
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (!detail.requestConfig.elt.matches("[data-focus-next]")) return;
  lastBefore = detail.target.previousElementSibling;
});
document.addEventListener("htmx:afterSettle", () => {
  const next = lastBefore?.nextElementSibling;
  lastBefore = null;
  (next?.matches("[tabindex]") ? next : next?.querySelector("a.name"))?.focus({ preventScroll: true });
});
