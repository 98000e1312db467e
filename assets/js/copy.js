// Copies the value of a button with data-copy and says so for two seconds.
export function copying() {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    event.preventDefault();
    await navigator.clipboard.writeText(button.dataset.copy);
    const label = button.querySelector("span");
    const said = label ? label.textContent : button.getAttribute("aria-label");
    const say = (text) => (label ? (label.textContent = text) : button.setAttribute("aria-label", text));
    if (button.classList.contains("copied")) return;
    button.classList.add("copied");
    say("Copied");
    setTimeout(() => {
      button.classList.remove("copied");
      say(said);
    }, 2000);
  });
}
