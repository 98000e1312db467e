// "/" focuses the filter of a list. The palette has its own key.
export function keys() {
  document.addEventListener("keydown", (event) => {
    if (event.metaKey || event.ctrlKey || event.altKey || writing(event.target)) return;
    const target = document.querySelector(`[data-focus-key="${CSS.escape(event.key)}"]`);
    if (!target) return;
    event.preventDefault();
    target.focus();
    target.select();
  });
}

export function writing(element) {
  return element.isContentEditable || element.matches("input, textarea, select");
}
