// Makes pages of the console nicer that work without it.

// What is live is fetched anew every few seconds, and put where it was: what has the focus stays.
const EVERY = 5000;
const live = [...document.querySelectorAll("[data-live]")];
const toggle = document.querySelector("[data-live-switch]");

async function refresh() {
  const answer = await fetch(location.href);
  if (!answer.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of live) {
    const now = fresh.getElementById(part.id);
    if (now) part.replaceChildren(...now.childNodes);
  }
}

if (toggle) {
  toggle.hidden = false;
  const wanted = toggle.querySelector("input");
  setInterval(() => {
    if (wanted.checked && !document.hidden) refresh().catch(() => {}); // the next may reach it
  }, EVERY);
}

// The list of agents: choose all of a page, and see how many are chosen.
const all = document.querySelector("[data-all]");
const ones = [...document.querySelectorAll("[data-one]")];
const chosen = document.querySelector("[data-chosen]");

function count() {
  const number = ones.filter((one) => one.checked).length;
  all.checked = number === ones.length;
  all.indeterminate = number > 0 && number < ones.length;
  chosen.textContent = number ? `${number} chosen` : "";
}

if (all && chosen) {
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const one of ones) one.checked = all.checked;
    count();
  });
  for (const one of ones) one.addEventListener("change", count);
  count();
}

// On a narrow screen the tabs scroll: the one that is shown should be seen.
document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
