// Lines and stacked bars. Only the parts of Chart.js in use are bundled; the
// colours are read from the stylesheet, again when the theme changes.
import {
  BarController, BarElement, CategoryScale, Chart, Filler, LineController, LineElement, LinearScale, PointElement,
  Tooltip,
} from "chart.js";

Chart.register(BarController, BarElement, CategoryScale, Filler, LineController, LineElement, LinearScale, PointElement, Tooltip);

const drawn = new Map(); // element → chart

export function draw(element) {
  const data = JSON.parse(element.querySelector("script").textContent);
  drawn.get(element)?.destroy();
  const canvas = element.querySelector("canvas");
  drawn.set(element, new Chart(canvas, data.bars ? bars(data, element) : lines(data, element)));
}

document.addEventListener("theme", () => {
  for (const element of drawn.keys()) draw(element);
});
addEventListener("beforeprint", () => {
  for (const chart of drawn.values()) chart.resize(640, 216);
});
addEventListener("afterprint", () => {
  for (const chart of drawn.values()) chart.resize();
});

// colour resolves a token through a real property: light-dark() inside a
// custom property isn't computed before it is used.
function colour(token, element) {
  const probe = document.createElement("i");
  probe.style.color = `var(--${token})`;
  element.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

function lines(data, element) {
  const one = data.series.filter((series) => !series.comparison).length === 1;
  const datasets = data.series.map((series, i) => {
    const ink = colour(series.comparison ? "comparison" : `series-${i % 8}`, element);
    return {
      label: series.name,
      data: scaled(series, data),
      borderColor: ink,
      backgroundColor: fade(colour("tint-faint", element)),
      borderWidth: series.comparison ? 1.5 : 2,
      borderDash: series.comparison ? [4, 4] : [],
      fill: one && !series.comparison,
      pointRadius: 0,
      pointHoverRadius: 4,
      pointHoverBackgroundColor: ink,
      cubicInterpolationMode: "monotone",
    };
  });
  return { type: "line", data: { labels: data.labels, datasets }, options: options(data, element, false) };
}

// fade fills from the colour at the top to nothing at the axis.
function fade(from) {
  return ({ chart: { ctx, chartArea } }) => {
    if (!chartArea) return "transparent";
    const fill = ctx.createLinearGradient(0, chartArea.top, 0, chartArea.bottom);
    fill.addColorStop(0, from);
    fill.addColorStop(1, "transparent");
    return fill;
  };
}

function bars(data, element) {
  const datasets = data.series.map((series, i) => (series.comparison ? mark(series, data, element) : {
    label: series.name,
    data: scaled(series, data),
    backgroundColor: colour(`series-${i % 8}`, element),
    borderColor: colour("panel", element),
    borderWidth: { top: 1 },
    borderRadius: 2,
    maxBarThickness: 28,
  }));
  return { type: "bar", data: { labels: data.labels, datasets }, options: options(data, element, true) };
}

// mark is a dashed line over the bars: a budget, a target.
function mark(series, data, element) {
  return {
    type: "line",
    label: series.name,
    data: scaled(series, data),
    borderColor: colour("comparison", element),
    backgroundColor: colour("comparison", element),
    borderWidth: 1.5,
    borderDash: [4, 4],
    pointRadius: 0,
    pointHoverRadius: 4,
    order: -1,
  };
}

function options(data, element, stacked) {
  const quiet = colour("quiet", element);
  const font = { family: getComputedStyle(element).fontFamily, size: 11 };
  return {
    animation: false,
    maintainAspectRatio: false,
    interaction: { mode: "index", intersect: false },
    layout: { padding: { top: 4, right: 2 } },
    plugins: { tooltip: tooltip(data, element, font) },
    scales: {
      x: { stacked, border: { display: false }, grid: { display: false }, ticks: { color: quiet, font, maxRotation: 0, autoSkipPadding: 12 } },
      y: {
        stacked,
        beginAtZero: true,
        border: { display: false },
        grid: { color: colour("line", element), drawTicks: false },
        ticks: { color: quiet, font, padding: 8, maxTicksLimit: 6, callback: (value) => written(value, data, true) },
      },
    },
  };
}

function tooltip(data, element, font) {
  return {
    backgroundColor: colour("ink", element),
    titleColor: colour("canvas", element),
    bodyColor: colour("canvas", element),
    titleFont: { ...font, size: 12, weight: 600 },
    bodyFont: { ...font, size: 12 },
    padding: 8,
    cornerRadius: 6,
    boxWidth: 8,
    boxHeight: 8,
    callbacks: { label: (item) => ` ${item.dataset.label}: ${written(item.parsed.y, data, false)}` },
  };
}

const scaled = (series, data) => series.values.map((value) => value / 10 ** data.scale);

function written(value, data, short) {
  const format = short ? { notation: "compact", maximumFractionDigits: 1 } : { maximumFractionDigits: data.scale };
  const digits = new Intl.NumberFormat(data.locale || "en", format).format(value);
  return data.prefix + (short ? digits.replace("K", "k") : digits) + data.suffix;
}
