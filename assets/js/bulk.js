// Counts the chosen rows of a table and shows what can be done with them. The
// boxes are named "id" and belong to the form, so form.id would be one of them.
export function bulk() {
  document.addEventListener("change", ({ target }) => {
    if (target.matches("[data-all]")) {
      for (const box of boxes(target.dataset.all)) box.checked = target.checked;
      update(target.dataset.all);
    } else if (target.name === "id" && target.form?.matches("[data-bulk]")) {
      update(target.form.getAttribute("id"));
    }
  });
  for (const form of document.querySelectorAll("[data-bulk]")) update(form.getAttribute("id"));
}

function boxes(form) {
  return [...document.querySelectorAll(`input[name="id"][form="${CSS.escape(form)}"]`)];
}

function update(id) {
  const form = document.getElementById(id);
  const all = boxes(id);
  const chosen = all.filter((box) => box.checked).length;
  form.querySelector("[data-count]").textContent = chosen;
  form.classList.toggle("some", chosen > 0);
  const head = document.querySelector(`[data-all="${CSS.escape(id)}"]`);
  head.checked = chosen > 0 && chosen === all.length;
  head.indeterminate = chosen > 0 && chosen < all.length;
}
