// Asks before a form with data-confirm, or a button with it, is submitted.
// Cancel has the focus, and the button is red where the one that was pressed
// is. data-typed keeps a button off until the name matches.
export function confirmations() {
  const dialog = document.getElementById("confirm");
  document.addEventListener("submit", (event) => {
    const { target: form, submitter } = event;
    const asked = submitter?.dataset.confirm ?? form.dataset.confirm;
    if (!asked || !dialog || form.dataset.confirmed) return;
    event.preventDefault();
    const verb = form.dataset.verb ?? submitter?.textContent.trim() ?? "Continue";
    dialog.querySelector("h2").textContent = `${verb}?`;
    dialog.querySelector("p").textContent = asked;
    const yes = dialog.querySelector("[value=yes]");
    yes.textContent = verb;
    yes.className = submitter && !submitter.matches(".danger") ? "btn primary" : "btn danger";
    dialog.returnValue = "";
    dialog.onclose = () => {
      if (dialog.returnValue !== "yes") return;
      form.dataset.confirmed = "yes";
      form.requestSubmit(submitter ?? undefined);
      delete form.dataset.confirmed;
    };
    dialog.showModal();
  });
  for (const form of document.querySelectorAll("[data-typed]")) typed(form);
}

function typed(form) {
  const input = form.elements.confirm;
  const button = form.querySelector("button.danger, button.primary");
  const check = () => (button.disabled = input.value.trim() !== form.dataset.typed);
  input.addEventListener("input", check);
  check();
}
