// Toasts leave after six seconds unless they are read or report a failure.
export function alerts() {
  document.addEventListener("click", (event) => {
    event.target.closest("[data-dismiss]")?.closest(".toast")?.remove();
  });
  for (const toast of document.querySelectorAll("[data-toast]:not(.tone-bad)")) {
    const leave = () => {
      if (toast.matches(":hover, :focus-within")) setTimeout(leave, 2000);
      else toast.remove();
    };
    setTimeout(leave, 6000);
  }
}
