// Draws the process of every [data-process]: its BPMN, what is done and where it stands. The list of steps says the same.
// When the page has followed what happened, only the marks are moved.
import Viewer from "bpmn-js/lib/NavigatedViewer";

const MARKERS = { done: "is-done", current: "is-current" };
const SMALLEST_READABLE = 0.6;
const READABLE = 0.8;
const MARGIN = 40;
const viewers = new WeakMap();

const stated = (place) => JSON.parse(place.querySelector("script[type='application/json']").textContent);

function mark(viewer, { done, current }) {
  const canvas = viewer.get("canvas");
  const elements = viewer.get("elementRegistry");
  const wanted = { done: new Set(done), current: new Set(current) };
  elements.forEach(({ id }) => {
    for (const [name, marker] of Object.entries(MARKERS)) {
      if (wanted[name].has(id)) canvas.addMarker(id, marker);
      else canvas.removeMarker(id, marker);
    }
  });
}

function showAll(viewer) {
  const canvas = viewer.get("canvas");
  canvas.zoom("fit-viewport", "auto");
  canvas.zoom(canvas.zoom() * 0.94, "auto");
}

// The whole of it; where that is too small to read, the place it has come to.
function showPlace(viewer, { current }) {
  showAll(viewer);
  const canvas = viewer.get("canvas");
  const elements = current.map((id) => viewer.get("elementRegistry").get(id)).filter(Boolean);
  const here = elements.find(({ type }) => type === "bpmn:UserTask") ?? elements[0];
  if (!here || canvas.zoom() >= SMALLEST_READABLE) return;
  const { clientWidth, clientHeight } = canvas.getContainer();
  const { inner } = canvas.viewbox();
  const width = clientWidth / READABLE;
  const height = clientHeight / READABLE;
  canvas.viewbox({
    x: within(here.x + here.width / 2 - width / 2, inner.x, inner.width, width),
    y: within(here.y + here.height / 2 - height / 2, inner.y, inner.height, height),
    width,
    height,
  });
}

// Where a window of this size begins so that it shows nothing beyond the drawing and its margin.
function within(wanted, first, whole, size) {
  return Math.max(first - MARGIN, Math.min(wanted, first + whole + MARGIN - size));
}

async function mount(place) {
  const viewer = new Viewer({ container: place.querySelector(".process-canvas") });
  try {
    await viewer.importXML(stated(place).bpmn);
  } catch (error) {
    console.info("the process cannot be drawn", error);
    place.classList.add("is-undrawable");
    return;
  }
  viewers.set(place, viewer);
  mark(viewer, stated(place));
  showPlace(viewer, stated(place));
  const canvas = viewer.get("canvas");
  const moves = {
    in: () => canvas.zoom(canvas.zoom() * 1.3),
    out: () => canvas.zoom(canvas.zoom() / 1.3),
    all: () => showAll(viewer),
    here: () => showPlace(viewer, stated(place)),
  };
  place.addEventListener("click", ({ target }) => moves[target.closest("[data-zoom]")?.dataset.zoom]?.());
}

const places = () => document.querySelectorAll("[data-process]");

places().forEach(mount);
document.addEventListener("htmx:after:swap", () => {
  places().forEach((place) => viewers.has(place) && mark(viewers.get(place), stated(place)));
});
