// Draws what is around one system: every [data-landscape] from the JSON in it. A click on a node opens its surroundings.
// The table beside the picture says the same; where nothing can be drawn, the picture is left out and said to be.
import Graph from "graphology";
import Sigma from "sigma";
import { EdgeArrowProgram } from "sigma/rendering";

const COLOURS = { usage: "#0059b3", "data-source": "#00695c", supplier: "#6a3d9a", system: "#5c5c5c" };
const CENTRE = "#1a1a1a";
const LOST = "#c62828";
const FAINT = "#e2e2e2";
const PADDING = 40;
const EDGE = 4;

const isNarrow = (container) => container.clientWidth < 600;

// How much wider than high the picture may be, so that the names at its sides have room.
function widthToHeight(container) {
  const names = isNarrow(container) ? 115 : 130;
  return Math.max(0.5, (container.clientWidth - 2 * names) / (container.clientHeight - 2 * PADDING));
}

// Rings around the centre, by how many steps away: each node near those it hangs together with, every second one a
// little further in, so that names do not run into one another. The same nodes always stand at the same places.
function places({ centre, nodes, edges }) {
  const beside = new Map(nodes.map(({ id }) => [id, []]));
  for (const { source, target } of edges) {
    beside.get(source).push(target);
    beside.get(target).push(source);
  }
  const at = new Map([[centre, { x: 0, y: 0, angle: 0 }]]);
  for (let ring = 1, inner = [centre]; inner.length; ring += 1) {
    const angles = new Map();
    inner.forEach((parent) => {
      for (const child of beside.get(parent)) if (!at.has(child)) angles.set(child, [...(angles.get(child) ?? []), at.get(parent).angle]);
    });
    const mean = (turns) => Math.atan2(turns.reduce((sum, a) => sum + Math.sin(a), 0), turns.reduce((sum, a) => sum + Math.cos(a), 0));
    const order = nodes.map(({ id }) => id).filter((id) => angles.has(id));
    if (ring > 1) order.sort((one, other) => mean(angles.get(one)) - mean(angles.get(other)));
    order.forEach((id, index) => {
      const angle = (2 * Math.PI * index) / order.length - Math.PI + (ring % 2 ? 0 : Math.PI / order.length);
      const radius = ring - (order.length > 12 && index % 2 ? 0.3 : 0);
      at.set(id, { x: radius * Math.cos(angle), y: radius * Math.sin(angle), angle });
    });
    inner = order;
  }
  return at;
}

function graphOf(stated, wide) {
  const { centre, nodes, edges } = stated;
  const graph = new Graph({ multi: true });
  const at = places(stated);
  nodes.forEach(({ id, kind, label, href, lost }) => {
    const isCentre = id === centre;
    const { x, y } = at.get(id) ?? { x: 0, y: 0 };
    graph.addNode(id, {
      x: x * wide,
      y,
      size: isCentre ? 13 : kind === "usage" ? 8 : 6,
      label,
      href,
      color: isCentre ? CENTRE : lost ? LOST : COLOURS[kind],
      forceLabel: isCentre,
    });
  });
  for (const { source, target, kind, lost } of edges) {
    const color = lost ? LOST : "#9a9a9a";
    graph.addEdge(source, target, { size: lost ? 2 : 1.2, color, type: kind === "data" ? "arrow" : "line" });
  }
  return graph;
}

// A name stands on the side that faces away from the centre, with a rim of white over the lines behind it; above its node
// where the picture ends before the name does. The centre's stands below it.
function drawName(context, { x, y, size, label, color }, { labelSize, labelFont, labelWeight }) {
  if (!label) return;
  context.font = `${labelWeight} ${labelSize}px ${labelFont}`;
  const width = context.measureText(label).width;
  const last = context.canvas.clientWidth - EDGE - width;
  const beside = x < context.canvas.clientWidth / 2 ? x - size - EDGE - width : x + size + EDGE;
  const isCentre = color === CENTRE;
  const isBeside = !isCentre && beside >= EDGE && beside <= last;
  const left = isBeside ? beside : Math.max(EDGE, Math.min(x - width / 2, last));
  const base = isBeside ? y + labelSize / 3 : isCentre ? y + size + labelSize : y - size - EDGE;
  context.lineWidth = 4;
  context.lineJoin = "round";
  context.strokeStyle = "#ffffff";
  context.strokeText(label, left, base);
  context.fillStyle = color === LOST ? "#8e1b1b" : "#1a1a1a";
  context.fillText(label, left, base);
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
    labelDensity: 2,
    labelGridCellSize: isNarrow(container) ? 130 : 60,
    labelRenderedSizeThreshold: 0,
    defaultDrawNodeLabel: drawName,
    defaultDrawNodeHover: drawName,
    stagePadding: PADDING,
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
    const graph = graphOf(stated, widthToHeight(container));
    const camera = draw(container, graph, stated.centre).getCamera();
    const moves = { in: () => camera.animatedZoom(), out: () => camera.animatedUnzoom(), all: () => camera.animatedReset() };
    for (const button of picture.querySelectorAll("[data-zoom]")) {
      button.addEventListener("click", () => moves[button.dataset.zoom]());
    }
    letThePageScroll(picture);
    picture.classList.add("is-drawn");
  } catch (error) {
    console.info("the landscape cannot be drawn here", error);
    picture.classList.add("is-undrawable");
  }
}

document.querySelectorAll("[data-landscape]").forEach(mount);
