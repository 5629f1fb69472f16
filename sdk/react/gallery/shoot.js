// Takes pictures of the gallery's scenes: node sdk/react/gallery/shoot.js OUT [scene…]. The gallery must be served.
import { mkdirSync } from "node:fs";
import { launch } from "../../../testing/e2e/lib/chromium.js";

const [out = "/tmp/shots-kit", ...wanted] = process.argv.slice(2);
const base = process.env.GALLERY ?? "http://127.0.0.1:5199/";
const looks = (process.env.LOOKS ?? "desktop-light,desktop-dark,phone-light,phone-dark").split(",");
const SIZES = {
  desktop: { width: 1280, height: 800 },
  phone: { width: 390, height: 844 },
  low: { width: 740, height: 360 },
};

mkdirSync(out, { recursive: true });
const browser = await launch();
for (const look of looks) {
  const [size, theme, lang = "en", dir = "ltr"] = look.split("-");
  const context = await browser.newContext({
    viewport: SIZES[size],
    colorScheme: theme,
    reducedMotion: "no-preference",
  });
  const page = await context.newPage();
  page.on("pageerror", (error) => console.log(`${look}: ${error.message}`));
  page.on("console", (line) => line.type() === "error" && console.log(`${look}: ${line.text()}`));
  await page.goto(base);
  const scenes = wanted.length > 0 ? wanted : await page.$$eval("a", (all) => all.map((one) => one.textContent));
  for (const scene of scenes) {
    await page.goto(`${base}?scene=${scene}&theme=${theme}&lang=${lang}&dir=${dir}`);
    await page.waitForTimeout(1_700);
    await page.screenshot({ path: `${out}/${scene}-${look}.png` });
  }
  await context.close();
}
await browser.close();
