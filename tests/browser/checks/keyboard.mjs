// Everything can be reached and used without a mouse, in the order of the page, and shows where it is.

import assert from 'node:assert/strict';

/** Goes through the page by Tab. */
export async function tabOrder(page) {
  await page.evaluate(() => {
    document.activeElement?.blur();
    scrollTo(0, 0);
  });
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.className), 'skip', 'the first stop skips the contents');
  const skip = await page.locator('.skip').boundingBox();
  assert.ok(skip.x >= 0 && skip.width > 50, 'the skip link is seen where it has the focus');
  const stops = await page.evaluate(() =>
    [...document.querySelectorAll('a[href],button,input,select,summary,[tabindex="0"]')]
      .filter((element) => element.checkVisibility({ visibilityProperty: true })).length);
  let before = await page.evaluateHandle(() => document.activeElement);
  let count = 1;
  for (; count < stops; count += 1) {
    await page.keyboard.press('Tab');
    const step = await page.evaluate((last) => {
      const now = document.activeElement;
      const style = getComputedStyle(now);
      const box = now.getBoundingClientRect();
      return {
        body: now === document.body,
        after: Boolean(last.compareDocumentPosition(now) & Node.DOCUMENT_POSITION_FOLLOWING),
        outline: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
        name: `${now.tagName} ${now.id} ${now.textContent.slice(0, 40)}`,
        seen: box.bottom > 0 && box.top < innerHeight,
      };
    }, before);
    assert.ok(!step.body, `${count} of ${stops} stops were reached`);
    assert.ok(step.after, `${step.name} comes after what is below it`);
    assert.ok(step.outline, `${step.name} does not show the focus`);
    assert.ok(step.seen, `${step.name} has the focus out of sight`);
    await before.dispose();
    before = await page.evaluateHandle(() => document.activeElement);
  }
  return count;
}

/** What scrolls is a stop, and nothing else that could scroll, in windows of any width. */
export async function scrollStops(page) {
  const kinds = new Set();
  for (const width of [1280, 375]) {
    await page.setViewportSize({ width, height: 900 });
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    const areas = await page.evaluate(() =>
      [...document.querySelectorAll('.scroll, pre')].filter((area) => area.checkVisibility()).map((area) => ({
        name: area.getAttribute('aria-label'),
        scrolls: area.scrollWidth > area.clientWidth,
        stop: area.tabIndex === 0 && area.hasAttribute('tabindex'),
      })));
    for (const { name, scrolls, stop } of areas) {
      assert.equal(stop, scrolls, `${name} at ${width}`);
      kinds.add(stop);
    }
  }
  await page.setViewportSize({ width: 1280, height: 900 });
  assert.deepEqual([...kinds].sort(), [false, true], 'some areas scroll, and some do not');
}

/** Enter and Space open and close a step. */
export async function details(page) {
  const summaries = await page.locator('details > summary').all();
  assert.ok(summaries.length > 0);
  let tried = 0;
  for (const summary of summaries) {
    if (!(await summary.isVisible())) continue;
    const open = () => summary.evaluate((element) => element.parentNode.open);
    const was = await open();
    await summary.focus();
    await page.keyboard.press('Enter');
    assert.equal(await open(), !was, 'Enter opens and closes');
    await page.keyboard.press(' ');
    assert.equal(await open(), was, 'Space opens and closes');
    tried += 1;
    if (tried === 6) break;
  }
}
