// Looks at pages in a real browser: node look.mjs MODULES BROWSER PAGE... prints {page: [fault]} as JSON.
// MODULES is the folder with playwright-core and axe-core, BROWSER the path of chromium.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [modules, browserPath, ...paths] = process.argv.slice(2);
const require = createRequire(`${modules}/look.js`);
const { chromium } = require("playwright-core");
const axe = require.resolve("axe-core/axe.min.js");

const WIDE = { width: 1280, height: 900 };
const NARROW = { width: 360, height: 740 };
// The width of A4 between margins of 1 cm, in CSS pixels.
const PAPER = { width: 718, height: 1040 };

async function look(browser, path) {
  const faults = [];
  const address = pathToFileURL(path).href;
  const page = await browser.newPage({ viewport: WIDE });
  page.setDefaultTimeout(120000);
  page.on("console", (message) => faults.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  page.on("request", (request) => {
    if (request.url() !== address) faults.push(`asks for ${request.url()}`);
  });
  await page.goto(address);
  faults.push(...(await page.evaluate(links)));
  for (const [mode, viewport, colorScheme] of [
    ["light", WIDE, "light"],
    ["dark", WIDE, "dark"],
    ["360 px", NARROW, "light"],
  ]) {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    if (width > viewport.width) faults.push(`${mode}: ${width} px wide in a window of ${viewport.width}`);
    faults.push(...(await violations(page, mode)));
  }
  await page.setViewportSize(PAPER);
  await page.emulateMedia({ media: "print", colorScheme: "light" });
  faults.push(...(await page.evaluate(cutOff, PAPER.width)));
  const pdf = await page.pdf({ format: "A4", margin: { top: "1cm", bottom: "1cm", left: "1cm", right: "1cm" } });
  if (!pdf.subarray(0, 5).equals(Buffer.from("%PDF-"))) faults.push("print: no PDF");
  await page.close();
  return faults;
}

async function violations(page, mode) {
  await page.addScriptTag({ path: axe });
  const found = await page.evaluate(() => window.axe.run({ resultTypes: ["violations"] }));
  return found.violations.map((one) => `axe, ${mode}: ${one.id}: ${one.nodes.length} × ${one.nodes[0].target}`);
}

// Links that leave the page, or lead to nothing in it.
function links() {
  const all = [...document.querySelectorAll("a[href]")].map((link) => link.getAttribute("href"));
  return all
    .filter((href) => !href.startsWith("#") || !document.getElementById(href.slice(1)))
    .map((href) => `link to nothing: ${href}`);
}

// Tables and figures that stand over the edge of the paper, or in a box that hides a part of them.
function cutOff(width) {
  const shown = [...document.querySelectorAll("table, svg, p, li")].filter((one) => one.getClientRects().length);
  const wide = shown.filter((one) => one.getBoundingClientRect().right > width + 1);
  const name = (one) => one.querySelector("caption")?.textContent ?? one.getAttribute("aria-label") ?? one.textContent.slice(0, 60);
  return wide.map((one) => `print: cut off: ${one.tagName.toLowerCase()} ${name(one)}`);
}

const browser = await chromium.launch({ executablePath: browserPath, args: ["--no-sandbox"] });
const answer = {};
for (const path of paths) answer[path] = await look(browser, path);
await browser.close();
console.log(JSON.stringify(answer));
