// Turns light and dark without a reload and remembers it in a cookie, which
// the server reads, so that the next page comes in the right colours.
export function theme() {
  const form = document.querySelector("[data-theme]");
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    const root = document.documentElement;
    const dark = getComputedStyle(root).colorScheme === "dark" ||
      (root.classList.contains("auto") && matchMedia("(prefers-color-scheme: dark)").matches);
    const next = dark ? "light" : "dark";
    root.classList.remove("auto", "light", "dark");
    root.classList.add(next);
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `theme=${next}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
    document.dispatchEvent(new CustomEvent("theme"));
  });
}
