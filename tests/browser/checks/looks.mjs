// Screenshots that are not broken grossly, in light and dark, wide and narrow, and on paper.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { decode, summary } from '../png.mjs';

export const WIDTHS = [1280, 768, 375];

/** Nothing is wider than the window; what has to be scrolls in its own place. */
export async function fits(page) {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= width, `${wide} px of page in a window of ${width}`);
    const outside = await page.evaluate(() =>
      [...document.querySelectorAll('main *, header *, nav *')].filter((element) => {
        const box = element.getBoundingClientRect();
        return box.width > 0 && box.right > innerWidth + 1 && !element.closest('.scroll, pre, svg, .sr, .skip');
      }).map((element) => `${element.tagName} ${element.id || element.className} ${element.textContent.slice(0, 40)}`));
    assert.deepEqual(outside.slice(0, 5), [], `outside of a window of ${width}`);
    const narrow = await page.evaluate(() =>
      [...document.querySelectorAll('td:not(.n)')].filter((cell) => {
        const box = cell.getBoundingClientRect();
        // A column of single words.
        return box.width > 0 && box.width < 120 && cell.textContent.length > 60 && box.height > 200;
      }).map((cell) => cell.textContent.slice(0, 40)));
    assert.deepEqual(narrow.slice(0, 3), [], `cells too narrow to read at ${width}`);
  }
}

/** A picture of the top of the page, and of every section that is open. */
export async function looks(page, scheme) {
  await page.emulateMedia({ colorScheme: scheme });
  const shots = [['top', summary(decode(await page.screenshot({ animations: 'disabled' })))]];
  for (const section of await page.locator('main > section:not(#parts), details.part[open] section').all()) {
    const id = await section.getAttribute('id');
    shots.push([id, summary(decode(await section.screenshot({ animations: 'disabled' })))]);
  }
  for (const [id, shot] of shots) {
    const where = `${id} in ${scheme}: ${JSON.stringify(shot)}`;
    if (scheme === 'light') assert.ok(shot.luminance > 0.8, where);
    else assert.ok(shot.luminance < 0.05, where);
    assert.ok(shot.colours > 12, `blank? ${where}`);
    assert.ok(shot.drawn > 0.005 && shot.drawn < 0.75, `blank or full? ${where}`);
    assert.ok(shot.rows > 0.15, `mostly blank? ${where}`);
  }
  return new Map(shots);
}

/** Light and dark have the same sections of the same sizes, with about as much drawn on them. */
export function alike(light, dark) {
  assert.deepEqual([...light.keys()], [...dark.keys()]);
  for (const [id, shot] of light) {
    const other = dark.get(id);
    assert.deepEqual([shot.width, shot.height], [other.width, other.height], `size of ${id} in light and dark`);
    const ratio = shot.drawn / other.drawn;
    assert.ok(ratio > 0.4 && ratio < 2.5, `${id}: ${shot.drawn} drawn in light, ${other.drawn} in dark`);
  }
}

/** On paper: no controls, and as many pages as a report has. */
export async function paper(page) {
  await page.emulateMedia({ media: 'print' });
  for (const selector of ['nav', '.slider', '.ask', '#downloads button']) {
    for (const element of await page.locator(selector).all()) {
      assert.equal(await element.isVisible(), false, `${selector} on paper`);
    }
  }
  assert.ok(await page.locator('#verdict').isVisible());
  const closed = page.locator('details.part:not([open]) section').first();
  if (await closed.count()) assert.ok((await closed.boundingBox())?.height > 20, 'closed steps are printed as well');
  // Browsers leave backgrounds away on paper: text in the colours of the dark page could not be read.
  const ink = () => page.evaluate(() => getComputedStyle(document.body).color);
  await page.emulateMedia({ media: 'print', colorScheme: 'light' });
  const light = await ink();
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  assert.equal(await ink(), light, 'the colour of text on paper');
  await page.emulateMedia({ media: null, colorScheme: 'light' });
  const pdf = await page.pdf({ format: 'A4' });
  const pages = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0;
  assert.ok(pages >= 2, `${pages} pages on paper`);
  return pages;
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Accessibility: axe-core finds nothing, and was able to judge contrasts. */
export async function accessible(page, scheme) {
  await page.emulateMedia({ colorScheme: scheme });
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe);
  // Over the shades at the edges of what scrolls it would not judge contrasts at all.
  await page.addStyleTag({ content: '.scroll{background:none!important}' });
  const result = await page.evaluate(() =>
    globalThis.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    }));
  const told = result.violations.map((violation) =>
    `${violation.id}: ${violation.help}: ${violation.nodes.slice(0, 3).map((node) => node.html.slice(0, 120)).join(' | ')}`);
  assert.deepEqual(told, [], `axe-core in ${scheme}`);
  const measured = result.passes.find((pass) => pass.id === 'color-contrast')?.nodes.length ?? 0;
  assert.ok(measured > 100, `only ${measured} contrasts were measured`);
  // It does not judge text in pictures.
  const faint = await page.evaluate(() => {
    const channels = (colour) => colour.match(/[\d.]+/g).slice(0, 3).map((c) => {
      const x = Number(c) / 255;
      return x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4;
    });
    const luminance = (colour) => channels(colour).reduce((sum, x, i) => sum + x * [0.2126, 0.7152, 0.0722][i], 0);
    const background = luminance(getComputedStyle(document.body).backgroundColor);
    return [...document.querySelectorAll('svg text')].filter((text) => {
      const ink = luminance(getComputedStyle(text).fill);
      return (Math.max(ink, background) + 0.05) / (Math.min(ink, background) + 0.05) < 4.5;
    }).map((text) => text.textContent);
  });
  assert.deepEqual(faint.slice(0, 3), [], `text in pictures that is hardly seen in ${scheme}`);
}
