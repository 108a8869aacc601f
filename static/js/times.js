// Times in few words, kept current and in the reader's own zone. pages.py says the same words.
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const here = new Intl.DateTimeFormat().resolvedOptions().timeZone;
const timeZone = document.documentElement.dataset.zone ?? here;
const words = (moment, options) => new Intl.DateTimeFormat("en-GB", { ...options, timeZone }).format(moment);
const clock = { hour: "2-digit", minute: "2-digit" };

function inFewWords(moment, now) {
  const age = now - moment;
  if (age < MINUTE) return "now";
  if (age < HOUR) return `${Math.floor(age / MINUTE)} min`;
  if (age < DAY) return `${Math.floor(age / HOUR)} h`;
  if (age < 6 * DAY) return `${words(moment, { weekday: "short" })} ${words(moment, clock)}`;
  const year = moment.getFullYear() === now.getFullYear() ? {} : { year: "numeric" };
  return words(moment, { day: "numeric", month: "short", ...year });
}

export function refresh() {
  const now = new Date();
  for (const time of document.querySelectorAll("time[datetime]")) {
    const moment = new Date(time.dateTime);
    const day = words(moment, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
    const full = `${day.replace(",", "")}, ${words(moment, clock)}`;
    const text = "full" in time.dataset ? full : inFewWords(moment, now);
    if (time.textContent !== text) time.textContent = text;
    time.title = full;
  }
}

// So that the server, too, says times as this device does.
if (here && !document.cookie.includes(`time_zone=${here}`)) {
  document.cookie = `time_zone=${here}; path=/; max-age=31536000; samesite=lax`;
}
refresh();
setInterval(refresh, MINUTE / 2);
document.addEventListener("htmx:afterSettle", refresh);
