// htmx as a global, in a module of its own: imports run in order, and the
// extension that is imported after this one expects window.htmx.
import htmx from "htmx.org";

window.htmx = htmx;
