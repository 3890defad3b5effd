// Draws every [data-chart]: numbers over time as lines or bars, from the JSON in it. The table beside it says the same.
import uPlot from "uplot";

const COLOURS = ["#0059b3", "#c45500", "#00695c", "#6a3d9a", "#5c5c5c"];
const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3], [4, 4]];

function seriesOf({ label, kind, colour }, index) {
  const stroke = colour ?? COLOURS[index % COLOURS.length];
  const line = { label, stroke, width: 2, dash: DASHES[index % DASHES.length], points: { size: 6 } };
  if (kind !== "bars") return line;
  return { label, stroke, fill: stroke + "59", width: 1, paths: uPlot.paths.bars({ size: [0.6, 60] }), points: { show: false } };
}

function mount(place) {
  const { x, series, language } = JSON.parse(place.querySelector("script[type='application/json']").textContent);
  const canvas = place.querySelector(".chart-canvas");
  const written = new Intl.NumberFormat(language === "da" ? "da-DK" : "en-GB");
  const month = new Intl.DateTimeFormat(language === "da" ? "da-DK" : "en-GB", { month: "short", year: "numeric" });
  const axis = { stroke: "#1a1a1a", font: "13px IBM Plex Sans", grid: { stroke: "#e2e2e2" } };
  const beside = (low, high) => (series.some(({ kind }) => kind === "bars") ? (high - low) / (2 * Math.max(1, x.length - 1)) : 0);
  const size = () => ({ width: Math.max(canvas.clientWidth, 240), height: 260 });
  const chart = new uPlot(
    {
      ...size(),
      padding: [16, 40, 0, 0],
      scales: {
        x: { range: (_, low, high) => [low - beside(low, high), high + beside(low, high)] },
        y: { range: (_, low, high) => [Math.min(0, low), Math.max(high * 1.1, 1)] },
      },
      axes: [
        { ...axis, space: 90, values: (_, ticks) => ticks.map((tick) => month.format(tick * 1000)) },
        { ...axis, size: 80, values: (_, ticks) => ticks.map((tick) => written.format(tick)) },
      ],
      series: [{ value: (_, at) => (at === null ? "" : month.format(at * 1000)) }, ...series.map(seriesOf)],
      legend: { live: false },
      cursor: { drag: { x: false, y: false } },
    },
    [x, ...series.map(({ values }) => values)],
    canvas,
  );
  new ResizeObserver(() => chart.setSize(size())).observe(place);
}

document.querySelectorAll("[data-chart]").forEach(mount);
