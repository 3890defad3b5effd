// Draws what is around one system: every [data-landscape] from the JSON in it. A click on a node opens its surroundings.
// The table beside the picture says the same; where nothing can be drawn, the picture is left out and said to be.
import Graph from "graphology";
import forceAtlas2 from "graphology-layout-forceatlas2";
import Sigma from "sigma";
import { EdgeArrowProgram } from "sigma/rendering";

const COLOURS = { usage: "#0059b3", "data-source": "#00695c", supplier: "#6a3d9a", system: "#5c5c5c" };
const CENTRE = "#1a1a1a";
const LOST = "#c62828";
const FAINT = "#e2e2e2";
const ROUNDS = 400; // of the layout: enough for the few dozen nodes a page shows, and done in some milliseconds

function graphOf({ centre, nodes, edges }) {
  const graph = new Graph({ multi: true });
  nodes.forEach(({ id, kind, label, href, lost }, index) => {
    const angle = (2 * Math.PI * index) / nodes.length;
    const isCentre = id === centre;
    graph.addNode(id, {
      x: isCentre ? 0 : Math.cos(angle),
      y: isCentre ? 0 : Math.sin(angle),
      size: isCentre ? 14 : kind === "usage" ? 9 : 7,
      label,
      href,
      color: isCentre ? CENTRE : lost ? LOST : COLOURS[kind],
      forceLabel: isCentre,
    });
  });
  for (const { source, target, kind, lost } of edges) {
    const color = lost ? LOST : "#9a9a9a";
    graph.addEdge(source, target, { size: lost ? 2.5 : 1.5, color, type: kind === "data" ? "arrow" : "line" });
  }
  return graph;
}

function arrange(graph) {
  const settings = { ...forceAtlas2.inferSettings(graph), gravity: 0.6, scalingRatio: 12, adjustSizes: false };
  forceAtlas2.assign(graph, { iterations: ROUNDS, settings });
}

function draw(container, graph, centre) {
  let over = null;
  const near = (node) => over === null || node === over || graph.areNeighbors(node, over);
  const sigma = new Sigma(graph, container, {
    allowInvalidContainer: true,
    defaultEdgeType: "line",
    edgeProgramClasses: { arrow: EdgeArrowProgram },
    labelFont: "IBM Plex Sans",
    labelSize: 14,
    labelWeight: "500",
    labelDensity: 4,
    labelGridCellSize: 70,
    labelRenderedSizeThreshold: 0,
    stagePadding: 60,
    zIndex: true,
    nodeReducer: (node, shown) => (near(node) ? shown : { ...shown, color: FAINT, label: "", zIndex: -1 }),
    edgeReducer: (edge, shown) => {
      if (over === null || graph.hasExtremity(edge, over)) return shown;
      return { ...shown, color: FAINT, zIndex: -1 };
    },
  });
  const look = (node) => {
    over = node;
    container.classList.toggle("is-over-node", node !== null);
    sigma.refresh({ skipIndexation: true });
  };
  sigma.on("enterNode", ({ node }) => look(node));
  sigma.on("leaveNode", () => look(null));
  sigma.on("clickNode", ({ node }) => {
    if (node !== centre) window.location.assign(graph.getNodeAttribute(node, "href"));
  });
  return sigma;
}

// The page scrolls over the picture with wheel and finger; ctrl and wheel, or two fingers, move within it.
function letThePageScroll(picture) {
  const stop = (moves) => (event) => moves(event) || event.stopPropagation();
  picture.addEventListener("wheel", stop((event) => event.ctrlKey), { capture: true });
  picture.addEventListener("touchstart", stop((event) => event.touches.length > 1), { capture: true });
}

function mount(picture) {
  const stated = JSON.parse(picture.querySelector("script[type='application/json']").textContent);
  const container = picture.querySelector(".landscape-canvas");
  try {
    const graph = graphOf(stated);
    arrange(graph);
    const camera = draw(container, graph, stated.centre).getCamera();
    const moves = { in: () => camera.animatedZoom(), out: () => camera.animatedUnzoom(), all: () => camera.animatedReset() };
    for (const button of picture.querySelectorAll("[data-zoom]")) {
      button.addEventListener("click", () => moves[button.dataset.zoom]());
    }
    letThePageScroll(picture);
    picture.classList.add("is-drawn");
  } catch (error) {
    console.warn("the landscape cannot be drawn here", error);
    picture.classList.add("is-undrawable");
  }
}

document.querySelectorAll("[data-landscape]").forEach(mount);
