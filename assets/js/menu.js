// Menus are details elements: they close on Escape, on a click elsewhere and
// when another one opens. The drawer of a phone closes when a link is taken.
export function menus() {
  const close = (except) => {
    for (const menu of document.querySelectorAll(".menu[open]")) if (menu !== except) menu.open = false;
  };
  document.addEventListener("click", (event) => close(event.target.closest(".menu")));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.activeElement?.closest(".menu[open]");
    close();
    menu?.querySelector("summary").focus();
  });
}
