// Keeps a form from being sent twice by a second click on its main button: the
// button is off while the form is on its way. It is on again when the page
// comes back from the browser's cache, and after a few seconds in any case,
// because an answer that is a download leaves the page where it is.
const longest = 5000;

export function once() {
  const waiting = new Set();
  const release = () => {
    for (const button of waiting) button.disabled = false;
    waiting.clear();
  };
  document.addEventListener("submit", (event) => {
    const { target: form, submitter } = event;
    if (form.method !== "post" || !submitter?.matches(".primary")) return;
    // Later: other listeners may stop it, and a button that is off sends no value.
    setTimeout(() => {
      if (event.defaultPrevented) return;
      submitter.disabled = true;
      waiting.add(submitter);
      setTimeout(release, longest);
    });
  });
  addEventListener("pageshow", release);
}
