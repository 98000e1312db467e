// Builds dist: bundles, stylesheets, fonts and icons with hashed names, a
// brotli copy beside each that compresses, and manifest.json.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import * as esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");
const packages = join(here, "node_modules");
const manifest = { files: {}, icons: {} };

function emit(name, data) {
  const hash = createHash("sha256").update(data).digest("hex").slice(0, 10);
  const extension = extname(name);
  const hashed = `${name.slice(0, -extension.length)}-${hash}${extension}`;
  writeFileSync(join(dist, hashed), data);
  if (extension !== ".woff2") {
    const options = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
    writeFileSync(join(dist, `${hashed}.br`), brotliCompressSync(data, options));
  }
  manifest.files[name] = hashed;
  return hashed;
}

async function script(entry) {
  const result = await esbuild.build({
    entryPoints: [join(here, "js", entry)],
    bundle: true,
    write: false,
    minify: true,
    format: "esm",
    target: "es2022",
    legalComments: "none",
  });
  emit(entry, result.outputFiles[0].contents);
}

function stylesheet(entry) {
  const out = join(dist, `building-${entry}`);
  const cli = join(packages, "@tailwindcss", "cli", "dist", "index.mjs");
  execFileSync(process.execPath, [cli, "-i", join(here, "css", entry), "-o", out, "--minify"], {
    cwd: here,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const css = readFileSync(out, "utf8");
  rmSync(out);
  return css;
}

// fontFaces copies the woff2 files that a fontsource stylesheet names and
// returns the stylesheet with their hashed addresses.
function fontFaces() {
  const folder = join(packages, "@fontsource-variable", "inter");
  const css = readFileSync(join(folder, "opsz.css"), "utf8");
  return css.replace(/url\(\.\/files\/([^)]+)\)/g, (_, file) => {
    const hashed = emit(file, readFileSync(join(folder, "files", file)));
    return `url(${hashed})`;
  });
}

function documentFonts() {
  mkdirSync(join(dist, "fonts"));
  const weights = { regular: "400Regular", medium: "500Medium", semibold: "600SemiBold", bold: "700Bold" };
  for (const [name, weight] of Object.entries(weights)) {
    const file = join(packages, "@expo-google-fonts", "inter", weight, `Inter_${weight}.ttf`);
    cpSync(file, join(dist, "fonts", `inter-${name}.ttf`));
  }
}

function icons() {
  for (const name of JSON.parse(readFileSync(join(here, "icons.json"), "utf8"))) {
    const svg = readFileSync(join(packages, "lucide-static", "icons", `${name}.svg`), "utf8");
    manifest.icons[name] = svg
      .replace(/<!--[\s\S]*?-->/g, "")
      .replace(/<svg[\s\S]*?>|<\/svg>/g, "")
      .replace(/\s*\n\s*/g, "");
  }
}

for (const file of readdirSync(dist)) {
  if (file !== ".keep") rmSync(join(dist, file), { recursive: true });
}
const faces = fontFaces();
emit("app.css", Buffer.from(faces + stylesheet("app.css")));
emit("reference.css", Buffer.from(stylesheet("reference.css")));
await Promise.all(["app.js", "charts.js", "reference.js"].map(script));
for (const file of readdirSync(join(here, "images"))) {
  emit(basename(file), readFileSync(join(here, "images", file)));
}
documentFonts();
icons();
writeFileSync(join(dist, "manifest.json"), JSON.stringify(manifest));
