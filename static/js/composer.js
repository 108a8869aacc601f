// Whatever is written: Ctrl+Enter, how many characters are left, and a draft that survives a closed tab.
const WARN_AT = 500;
const draftOf = (box) => `agora:draft:${box.form.dataset.draft}`;

function refresh(box) {
  const left = box.dataset.limit - [...box.value.trim()].length;
  const counter = box.form.querySelector("[data-counter]");
  counter.hidden = left > WARN_AT;
  counter.textContent = left < 0 ? `${-left} too many` : `${left} left`;
  counter.classList.toggle("over", left < 0);
  box.form.querySelector("[type=submit]").disabled = left < 0 || !box.value.trim();
}

function restore() {
  for (const box of document.querySelectorAll("form[data-draft] [data-limit]")) {
    box.value ||= localStorage.getItem(draftOf(box)) ?? "";
    refresh(box);
  }
}

document.addEventListener("input", ({ target }) => {
  if (!target.matches("[data-limit]")) return;
  if (target.form.dataset.draft) localStorage.setItem(draftOf(target), target.value);
  refresh(target);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !event.target.matches("[data-limit]")) return;
  event.preventDefault();
  const submit = event.target.form.querySelector("[type=submit]");
  if (!submit.disabled) event.target.form.requestSubmit(submit);
});

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const form = detail.requestConfig?.elt;
  if (!form?.matches?.("form[data-draft]") || detail.xhr.status >= 300) return;
  localStorage.removeItem(`agora:draft:${form.dataset.draft}`);
});

document.addEventListener("htmx:afterSettle", ({ detail }) => {
  restore();
  if (detail.requestConfig?.elt?.id !== "composer") return;
  document.querySelector("#composer-text")?.focus({ preventScroll: true });
});

restore();
if (location.hash === "#composer-text") document.querySelector("#composer-text")?.focus();
