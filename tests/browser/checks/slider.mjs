// The slider moves through the rounds, by script and by keys, and says what is copied in each.

import assert from 'node:assert/strict';

/** Checks the slider of every step against the lines of `--dump-schedule`. */
export async function sliders(page, steps, transfers) {
  let checked = 0;
  for (const [i, step] of steps.entries()) {
    const slider = page.locator(`#s${i + 1}-schedule .slider`);
    if (!(await slider.count())) {
      assert.equal(transfers.filter(([label]) => label === step.label).length, 0, `step ${i + 1} has no slider`);
      continue;
    }
    await page.evaluate((id) => (document.getElementById(id).open = true), `step-${i + 1}`);
    const input = slider.locator('input');
    const output = slider.locator('output');
    const cursor = page.locator(`#s${i + 1}-schedule .cursor`);
    await input.waitFor({ state: 'visible' });
    assert.equal(await input.evaluate((element) => element.labels[0].textContent.length > 3), true, 'a label');
    const mine = transfers.filter(([label]) => label === step.label);
    const rounds = Math.max(...mine.map(([, round]) => Number(round)));
    assert.equal(await input.getAttribute('max'), String(rounds), `rounds of step ${i + 1}`);
    assert.equal(await input.inputValue(), '0');
    assert.match(await output.textContent(), /^Round 0 of [\d,]+: 0 of /);
    assert.equal(await cursor.isVisible(), false, 'no cursor before the first round');

    await input.focus();
    const seen = new Set();
    const visited = new Set();
    const places = new Set();
    const press = async (key, round) => {
      await page.keyboard.press(key);
      assert.equal(await input.inputValue(), String(round), `${key} leads to round ${round}`);
      const text = await output.textContent();
      const done = mine.filter(([, at]) => Number(at) <= round).length;
      const wanted = `Round ${grouped(round)} of ${grouped(rounds)}: ${grouped(done)} of ${grouped(mine.length)} transfers are complete.`;
      assert.ok(text.startsWith(wanted), `round ${round}: ${text.slice(0, 120)} is not ${wanted}`);
      assert.match(await input.getAttribute('aria-valuetext'), new RegExp(`round ${round} of `));
      const now = mine.filter(([, at]) => Number(at) === round);
      for (const [, , partition, from, to] of now.slice(0, 8)) {
        const transfer = `partition ${grouped(partition)}: ${from === '-' ? '–' : from} → ${to}`;
        assert.ok(text.includes(transfer), `round ${round} does not show ${transfer}`);
      }
      if (now.length > 8) assert.ok(text.includes(`and ${grouped(now.length - 8)} more`));
      assert.equal(await cursor.isVisible(), round > 0, `the cursor of round ${round}`);
      if (round > 0) places.add(await cursor.getAttribute('x'));
      seen.add(text);
      visited.add(round);
    };
    await press('ArrowRight', 1);
    if (rounds > 1) await press('ArrowRight', 2);
    await press('End', rounds);
    if (rounds > 1) await press('ArrowLeft', rounds - 1);
    await press('Home', 0);
    assert.equal(seen.size, visited.size, 'every round shows something else');
    if (rounds > 4) assert.ok(places.size > 1, 'the cursor moves');
    checked += 1;
  }
  return checked;
}

/** Moves every slider of the page by its keys: the text and the cursor follow. */
export async function moving(page) {
  await page.evaluate(() => document.querySelectorAll('details.part').forEach((part) => (part.open = true)));
  let moved = 0;
  for (const slider of await page.locator('.slider').all()) {
    const input = slider.locator('input');
    await input.waitFor({ state: 'visible' });
    const max = Number(await input.getAttribute('max'));
    await input.focus();
    let done = -1;
    for (const [key, round] of [['Home', 0], ['ArrowRight', 1], ['End', max]]) {
      await page.keyboard.press(key);
      assert.equal(await input.inputValue(), String(round), `${key} leads to round ${round}`);
      const text = (await slider.locator('output').textContent()).replaceAll(',', '');
      const [, at, rounds, now, all] = /^Round (\d+) of (\d+): (\d+) of (\d+) transfers/.exec(text).map(Number);
      assert.deepEqual([at, rounds], [round, max], text);
      assert.ok(now >= done && now <= all && (round === 0) === (now === 0), text);
      assert.ok(round < max || now === all, text);
      done = now;
    }
    moved += 1;
  }
  return moved;
}

export const grouped = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ',');
