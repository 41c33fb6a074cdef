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
  await page.emulateMedia({ media: null });
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
  const result = await page.evaluate(() =>
    globalThis.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      resultTypes: ['violations', 'incomplete'],
    }));
  const told = result.violations.map((violation) =>
    `${violation.id}: ${violation.help}: ${violation.nodes.slice(0, 3).map((node) => node.html.slice(0, 120)).join(' | ')}`);
  assert.deepEqual(told, [], `axe-core in ${scheme}`);
  assert.ok(result.passes.some((pass) => pass.id === 'color-contrast'), 'contrasts were measured');
  return result.incomplete.map((rule) => `${rule.id} (${rule.nodes.length})`);
}
