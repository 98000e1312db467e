// What every page loads. Each module is small, finds its own elements by a
// data attribute, and does nothing on pages that don't have them. All pages
// work without any of it.
import "./htmx.js";
import "htmx-ext-sse";
import { alerts } from "./toast.js";
import { bulk } from "./bulk.js";
import { charts } from "./figures.js";
import { confirmations } from "./confirm.js";
import { copying } from "./copy.js";
import { drops } from "./drop.js";
import { fields } from "./fields.js";
import { guards } from "./guard.js";
import { keys } from "./keys.js";
import { live } from "./live.js";
import { menus } from "./menu.js";
import { once } from "./once.js";
import { palette } from "./palette.js";
import { rows } from "./rows.js";
import { theme } from "./theme.js";
import { times } from "./time.js";

for (const start of [alerts, bulk, confirmations, copying, drops, fields, guards, keys, live, menus, once, palette, rows, theme, times]) {
  start();
}
charts(document);
document.addEventListener("htmx:load", (event) => charts(event.target));
