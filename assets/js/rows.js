// A click anywhere on a row goes where its link goes; text can be selected
// and controls inside keep their own click. Ctrl and middle click open a tab.
export function rows() {
  const go = (event) => {
    const row = event.target.closest("tr[data-href]");
    if (!row || event.target.closest("a, button, input, label, summary, form, select, time:focus")) return;
    if (String(getSelection())) return;
    if (event.metaKey || event.ctrlKey || event.button === 1) window.open(row.dataset.href, "_blank", "noopener");
    else location.assign(row.dataset.href);
  };
  document.addEventListener("click", go);
  document.addEventListener("auxclick", (event) => {
    if (event.button === 1) go(event);
  });
}
