// Asks before a form with unsaved changes is left.
export function guards() {
  let changed = false;
  for (const form of document.querySelectorAll("[data-guard]")) {
    form.addEventListener("input", () => (changed = true));
    form.addEventListener("submit", () => (changed = false));
  }
  addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault();
  });
}
