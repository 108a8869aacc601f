// A reaction shows at once; where the server does not take it, it is put back as it was. The form
// works without this.
const before = new WeakMap();

function paint(form, pressed) {
  const main = form.querySelector("[data-main]");
  const kinds = [...form.querySelectorAll("[data-kind]")];
  const chosen = kinds.find((kind) => kind.dataset.kind === pressed) ?? kinds[0];
  let total = 0;
  for (const kind of kinds) {
    const mine = kind === chosen && pressed !== "none";
    const was = kind.getAttribute("aria-pressed") === "true";
    const count = Number(kind.dataset.count) + mine - was;
    const shown = form.querySelector(`[data-shown=${kind.dataset.kind}]`);
    shown.hidden = !count;
    shown.querySelector(".count").textContent = count;
    kind.setAttribute("aria-pressed", String(mine));
    total += count;
  }
  form.querySelector("[data-who]").hidden = !total;
  main.setAttribute("aria-pressed", String(pressed !== "none"));
  main.className = pressed === "none" ? "action" : `action is-mine ${pressed}`;
  main.querySelector("svg").replaceWith(chosen.querySelector("svg").cloneNode(true));
  main.querySelector("span").textContent = chosen.querySelector(".word").textContent;
}

function putBack(form) {
  const was = before.get(form);
  if (!was) return;
  before.delete(form);
  form.innerHTML = was;
  window.htmx.process(form);
}

const formOf = (detail) => (detail.elt.matches?.("[data-reactions]") ? detail.elt : null);

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  const form = formOf(detail);
  if (!form) return;
  before.set(form, form.innerHTML);
  const picker = form.querySelector(".picker");
  if (picker.contains(document.activeElement)) form.querySelector("[data-main]").focus();
  picker.open = false;
  paint(form, detail.requestConfig.parameters.like_type ?? detail.requestConfig.parameters.get?.("like_type"));
});
for (const failed of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(failed, ({ detail }) => formOf(detail) && putBack(formOf(detail)));
}
