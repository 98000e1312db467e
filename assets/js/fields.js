// Filters that apply when they change, the pair of picker and text of a
// colour, and a form that can't be sent twice.
export function fields() {
  document.addEventListener("change", ({ target }) => {
    if (target.matches("[data-filter] select")) target.form.requestSubmit();
  });
  document.addEventListener("input", ({ target }) => {
    if (target.matches("[data-color]")) document.getElementById(target.dataset.color).value = target.value;
    const picker = target.id && document.querySelector(`[data-color="${CSS.escape(target.id)}"]`);
    if (picker && /^#[0-9a-f]{6}$/i.test(target.value)) picker.value = target.value;
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    form.classList.add("is-busy");
    setTimeout(() => form.classList.remove("is-busy"), 8000);
  });
  // A page from the back-forward cache starts afresh.
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll(".is-busy")) form.classList.remove("is-busy");
  });
  document.addEventListener("formdata", ({ target, formData }) => {
    if (!target.matches("[data-filter]")) return;
    for (const [name, value] of [...formData]) if (value === "") formData.delete(name);
  });
}
