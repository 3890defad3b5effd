// Draws the process of every [data-process]: its BPMN, what is done and where it stands. The list of steps says the same.
import Viewer from "bpmn-js/lib/NavigatedViewer";

async function mount(place) {
  const { bpmn, done, current } = JSON.parse(place.querySelector("script[type='application/json']").textContent);
  const viewer = new Viewer({ container: place.querySelector(".process-canvas") });
  try {
    await viewer.importXML(bpmn);
    const canvas = viewer.get("canvas");
    const known = viewer.get("elementRegistry");
    const mark = (ids, marker) => ids.filter((id) => known.get(id)).forEach((id) => canvas.addMarker(id, marker));
    mark(done, "is-done");
    mark(current, "is-current");
    const whole = () => canvas.zoom("fit-viewport", "auto");
    const position = () => {
      whole();
      const here = current.map((id) => known.get(id)).find(Boolean);
      if (here && canvas.zoom() < 0.7) {
        canvas.zoom(0.8);
        canvas.scrollToElement(here, 60);
      }
    };
    const moves = {
      in: () => canvas.zoom(canvas.zoom() * 1.3),
      out: () => canvas.zoom(canvas.zoom() / 1.3),
      all: whole,
      here: position,
    };
    for (const button of place.querySelectorAll("[data-zoom]")) {
      button.addEventListener("click", () => moves[button.dataset.zoom]());
    }
    position();
    place.classList.add("is-drawn");
  } catch (error) {
    console.warn("the process cannot be drawn", error);
    place.classList.add("is-undrawable");
  }
}

document.querySelectorAll("[data-process]").forEach(mount);
