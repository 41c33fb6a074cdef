// The sections, their ids, and the links to them.

import assert from 'node:assert/strict';

const PAGE = ['verdict', 'checks', 'parts', 'explain', 'downloads', 'method'];
const STEP = ['verdict', 'checks', 'loads', 'domains', 'failures', 'leaders'];
const CHANGE = ['table', 'flows', 'schedule', 'undo'];

/** Every id is there once, and every link inside the page leads to one. */
export async function ids(page) {
  const found = await page.evaluate(() => ({
    ids: [...document.querySelectorAll('[id]')].map((element) => element.id),
    links: [...document.querySelectorAll('a[href^="#"]')].map((a) => decodeURIComponent(a.getAttribute('href').slice(1))),
    references: [...document.querySelectorAll('[aria-labelledby],[aria-describedby],[for]')].flatMap((element) =>
      ['aria-labelledby', 'aria-describedby', 'for']
        .flatMap((name) => (element.getAttribute(name) ?? '').split(/\s+/))
        .filter(Boolean),
    ),
  }));
  const twice = found.ids.filter((id, i) => found.ids.indexOf(id) !== i);
  assert.deepEqual(twice, [], 'ids that are there twice');
  assert.ok(found.links.length > 5, `only ${found.links.length} links in the contents`);
  for (const id of [...found.links, ...found.references]) {
    assert.ok(found.ids.includes(id), `a link or reference leads to #${id}, which is not there`);
  }
}

/** Links of the contents move the page, open what is closed, and name what they lead to. */
export async function contents(page) {
  for (const link of await page.locator('nav a').all()) {
    const target = (await link.getAttribute('href')).slice(1);
    await page.evaluate(() => scrollTo(0, 0));
    await link.click();
    await page.waitForFunction((id) => {
      const top = document.getElementById(id).getBoundingClientRect().top;
      const end = scrollY + innerHeight >= document.documentElement.scrollHeight - 2;
      return (top > -5 && top < 60) || (end && top < innerHeight);
    }, target);
  }
}

/** These sections are there, with something in them beside their headings. */
export async function sections(page, wanted) {
  const lengths = await page.evaluate(() =>
    Object.fromEntries([...document.querySelectorAll('section[id]')].map((section) => [
      section.id,
      section.textContent.slice(section.querySelector('h2,h4')?.textContent.length ?? 0).replace(/\s+/g, ' ').length,
    ])));
  for (const id of wanted) {
    assert.ok(lengths[id] > 10, `section ${id} is missing or empty (${lengths[id]} characters)`);
  }
}

/** Every section that a report of `plan` must have, with something in it. */
export async function planSections(page, steps) {
  const wanted = [...PAGE];
  steps.forEach((_, i) => {
    const names = i === 0 ? STEP : [...STEP, ...CHANGE];
    wanted.push(...names.map((name) => `s${i + 1}-${name}`));
  });
  await sections(page, wanted);
  for (const [i, step] of steps.entries()) {
    const title = await page.locator(`#step-${i + 1} > summary h3`).textContent();
    assert.ok(title.includes(step.label.trim()), `step ${i + 1} is called ${title}`);
  }
  const method = await page.locator('#method li').count();
  assert.equal(method, 4, 'limits and method in four lines');
  const print = await page.locator('#verdict details code').allTextContents();
  assert.ok(print.length >= steps.length, 'fingerprints');
  for (const fingerprint of print) {
    assert.match(fingerprint, /^[0-9a-f]{16,}$/, 'a fingerprint');
  }
  const verdicts = await page.locator('.badge').allTextContents();
  assert.ok(verdicts.length > steps.length);
  for (const verdict of verdicts) {
    assert.match(verdict, /^\W*(PASS|WARN|FAIL)$/, 'a verdict is a word, not a colour alone');
  }
}
