// Builds what the dashboard's pages load: every src/*.js and src/*.css with the libraries it names, the fonts and the
// sprite of icons. Usage: node build.mjs [FOLDER]; the folder is ../static if none is named, and is emptied first.
// The result is the same on every machine, is committed, and asks nothing of any other machine.

import { createHash } from "node:crypto";
import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));
const MODULES = join(HERE, "node_modules");
const OUT = resolve(process.argv[2] ?? join(HERE, "..", "static"));

const FONTS_LEFT_OUT = /@font-face\s*{[^}]*(?:Medium|SemiBold|Bold)Italic[^}]*}/g;
const OTHER_FONT_FORMATS = /url\("[^"]+\.(?:eot|woff|ttf)"\)(?: format\("[^"]+"\))?,?\s*/g;
const PLACEHOLDERS = /url\("[^"]+logo-(?:header-)?placeholder\.png"\)/g;
const ANOTHER_MACHINE = /url\(\s*["']?(?:https?:)?\/\//i;

// The design system names each font in formats that no browser of today needs, and pictures in the place of a logo.
const leanDesignSystem = {
  name: "lean-design-system",
  setup(build) {
    build.onLoad({ filter: /dkfds[\\/]dist[\\/]css[\\/]dkfds\.css$/ }, async ({ path }) => {
      const css = await readFile(path, "utf8");
      const contents = css
        .replace(FONTS_LEFT_OUT, "")
        .replace(OTHER_FONT_FORMATS, "")
        .replace(/,(\s*);/g, "$1;")
        .replace(PLACEHOLDERS, "none");
      return { contents, loader: "css" };
    });
  },
};

const sources = (await readdir(join(HERE, "src"))).filter((name) => /\.(?:js|css)$/.test(name)).sort();

await rm(OUT, { recursive: true, force: true });
await mkdir(OUT, { recursive: true });
const { metafile } = await esbuild.build({
  absWorkingDir: HERE,
  entryPoints: sources.map((name) => join("src", name)),
  outdir: OUT,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2022"],
  charset: "utf8",
  legalComments: "none", // THIRD_PARTY.md has them all
  loader: { ".svg": "dataurl", ".woff2": "file" },
  assetNames: "fonts/[name]",
  plugins: [leanDesignSystem],
  metafile: true,
  logLevel: "warning",
});
await cp(join(MODULES, "dkfds", "dist", "img", "all-svg-icons.svg"), join(OUT, "icons.svg"));
for (const name of await files(OUT)) {
  if (name.endsWith(".css") && ANOTHER_MACHINE.test(await readFile(join(OUT, name), "utf8"))) {
    throw new Error(`${name} asks another machine for something`);
  }
}

const packages = await bundled(metafile);
await writeFile(join(OUT, "THIRD_PARTY.md"), await thirdParty(packages));
await writeFile(join(OUT, "manifest.json"), JSON.stringify(await manifest(packages), null, 2) + "\n");

// The packages of which something is in the result, by name.
async function bundled({ inputs }) {
  const names = new Set(["dkfds"]);
  for (const path of Object.keys(inputs)) {
    const found = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path.replaceAll("\\", "/"));
    if (found) names.add(found[1]);
  }
  const described = [...names].sort().map(async (name) => {
    const stated = JSON.parse(await readFile(join(MODULES, name, "package.json"), "utf8"));
    return { name, version: stated.version, license: stated.license };
  });
  return Promise.all(described);
}

async function thirdParty(packages) {
  const parts = [
    "# What of others is in these files",
    "Made by `build.mjs` out of these packages; each with its licence as it is in the package.",
  ];
  for (const { name, version, license } of packages) {
    const texts = await licences(name);
    if (!texts.length) throw new Error(`${name} has no licence file: find out what may be done with it`);
    parts.push(`## ${name} ${version}: ${license}`, ...texts.map((text) => "```\n" + text.trim() + "\n```"));
  }
  return parts.join("\n\n") + "\n";
}

async function licences(name) {
  const folder = join(MODULES, name);
  const found = (await readdir(folder)).filter((file) => /^(?:licen[cs]e|copying|notice)/i.test(file)).sort();
  const paths = found.map((file) => join(folder, file));
  if (name === "dkfds") paths.push(join(folder, "dist", "fonts", "IBMPlexSans", "complete", "woff2", "license.txt"));
  const texts = await Promise.all(paths.map((path) => readFile(path, "utf8")));
  return texts.map((text) => text.replaceAll("\r\n", "\n").replaceAll("```\n", "").replace(/[ \t]+$/gm, ""));
}

async function manifest(packages) {
  const sha256 = {};
  for (const name of await files(OUT)) {
    sha256[name] = createHash("sha256").update(await readFile(join(OUT, name))).digest("hex");
  }
  return { packages: Object.fromEntries(packages.map(({ name, version }) => [name, version])), sha256 };
}

async function files(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .sort();
}
