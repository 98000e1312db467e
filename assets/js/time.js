// Keeps relative times true while a page stays open, in the server's words.
const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

export function times() {
  setInterval(() => {
    for (const element of document.querySelectorAll("time[data-relative]")) {
      const text = ago((Date.now() - Date.parse(element.dateTime)) / 1000);
      if (text) element.textContent = text;
    }
  }, 30000);
}

function ago(seconds) {
  const span = Math.abs(seconds);
  const words = (text) => (seconds < 0 ? `in ${text}` : `${text} ago`);
  if (span < 45) return "just now";
  if (span < hour) return words(`${Math.max(1, Math.floor(span / minute))} min`);
  if (span < day) return words(`${Math.floor(span / hour)} h`);
  if (span < 31 * day) return words(`${Math.floor(span / day)} d`);
  return ""; // a date by now; it stays as the server wrote it
}
