// The command palette: asks the server for pages, tenants and ids, and is
// walked with the arrow keys. The answer is a list of
// {title, items: [{label, hint, href}]}.
export function palette() {
  const opener = document.querySelector("[data-palette]");
  const dialog = document.getElementById("palette");
  if (!opener || !dialog) return;
  const input = dialog.querySelector("input");
  const list = dialog.querySelector("[role=listbox]");
  const state = { chosen: -1, asked: 0, timer: 0 };

  const options = () => [...list.querySelectorAll("[role=option]")];
  const choose = (index) => {
    const all = options();
    if (all.length === 0) return input.removeAttribute("aria-activedescendant");
    state.chosen = (index + all.length) % all.length;
    all.forEach((option, i) => option.setAttribute("aria-selected", String(i === state.chosen)));
    all[state.chosen].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", all[state.chosen].id);
  };
  const ask = async () => {
    const asked = ++state.asked;
    const address = new URL(opener.dataset.palette, location);
    address.searchParams.set("q", input.value.trim());
    const answer = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
    if (asked !== state.asked) return; // a later question is on its way
    show(list, answer?.ok ? await answer.json() : null);
    choose(0);
  };
  const open = () => {
    if (dialog.open) return;
    input.value = "";
    dialog.showModal();
    ask();
  };

  opener.addEventListener("click", open);
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.metaKey || event.ctrlKey)) return;
    event.preventDefault();
    open();
  });
  input.addEventListener("input", () => {
    clearTimeout(state.timer);
    state.timer = setTimeout(ask, 80);
  });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) choose(state.chosen + step);
    else if (event.key === "Enter") options()[state.chosen]?.click();
    else return;
    event.preventDefault();
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
}

function show(list, groups) {
  list.replaceChildren();
  if (!groups) return list.append(line("palette-none", "The search doesn't answer. Try again in a moment."));
  let n = 0;
  for (const group of groups) {
    if (group.items.length === 0) continue;
    const box = line("", "");
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", group.title);
    const title = line("palette-group", group.title);
    title.setAttribute("aria-hidden", "true");
    box.append(title);
    for (const item of group.items) box.append(option(item, n++));
    list.append(box);
  }
  if (n === 0) list.append(line("palette-none", "Nothing has that name or id."));
}

function option({ label, hint, href }, n) {
  const link = document.createElement("a");
  link.className = "palette-item";
  link.id = `palette-${n}`;
  link.href = href;
  link.tabIndex = -1;
  link.setAttribute("role", "option");
  link.append(span(label));
  if (hint) link.append(span(hint));
  return link;
}

function line(name, text) {
  const element = document.createElement("div");
  element.className = name;
  element.textContent = text;
  return element;
}

function span(text) {
  const element = document.createElement("span");
  element.textContent = text;
  return element;
}
