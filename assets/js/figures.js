// Loads the chart library when a chart comes near the window, not before.
export function charts(root) {
  const found = [...(root.querySelectorAll?.("[data-chart]:not([data-drawn])") ?? [])];
  if (found.length === 0) return;
  const watch = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        watch.unobserve(target);
        target.dataset.drawn = "";
        import(target.dataset.chart).then(({ draw }) => draw(target));
      }
    },
    { rootMargin: "200px" },
  );
  for (const chart of found) watch.observe(chart);
}
