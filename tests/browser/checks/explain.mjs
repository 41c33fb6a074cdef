// The box answers what `plan --explain` prints, and tells what is wrong with other input.

import assert from 'node:assert/strict';
import { grouped } from './slider.mjs';

async function answers(page, text) {
  const input = page.locator('#ask input');
  await input.fill('');
  await input.pressSequentially(text);
  await input.press('Enter');
  return page.evaluate(() =>
    [...document.querySelectorAll('#answer dt')].map((dt) => {
      const lines = [];
      for (let dd = dt.nextElementSibling; dd?.tagName === 'DD'; dd = dd.nextElementSibling) lines.push(dd.textContent);
      return { head: dt.textContent, lines };
    }));
}

/** Compares the answers for these partitions of the last step; tells how many explained a move. */
export async function explains(page, plan, partitions) {
  const last = plan.tables.at(-1).rows.length;
  let reasons = 0;
  for (const partition of partitions) {
    const parts = await answers(page, String(partition));
    assert.equal(parts.length, plan.steps.length, `partition ${partition}: one answer for every step`);
    for (const [i, { head, lines }] of parts.entries()) {
      const { label, rows } = plan.tables[i];
      // A partition that was split has its ancestor in earlier steps.
      const at = Math.floor((partition * rows.length) / last);
      assert.equal(head, `${label}: partition ${grouped(at)} of ${grouped(rows.length)}`);
      const after = rows[at].join(', ');
      const explanation = plan.explain(at)[i].explanation;
      if (i === 0) {
        assert.equal(lines[0], `holders: ${after} (a fresh table)`, `partition ${at} of ${label}`);
        continue;
      }
      const old = plan.tables[i - 1].rows;
      const before = old[Math.floor((at * old.length) / rows.length)];
      assert.equal(lines[0], `before: ${before.join(', ')}`, `partition ${at} of ${label}`);
      assert.equal(lines[1], `after: ${after}`, `partition ${at} of ${label}`);
      const moved = rows[at].filter((id) => !before.includes(id));
      if (!moved.length) {
        assert.match(lines[2], /^Every replica stays/, `partition ${at} of ${label}`);
        assert.ok(!explanation.some((line) => line.startsWith('moves')), `plan --explain ${at}`);
        continue;
      }
      const left = before.filter((id) => !rows[at].includes(id));
      assert.equal(lines[2], `leaves: ${left.join(', ')}; arrives: ${moved.join(', ')}`);
      if (/not in the file/.test(lines[3])) {
        assert.ok(lines[3].includes(`--explain ${at}`), 'says which command tells the reasons');
        continue;
      }
      assert.deepEqual(lines.slice(3), explanation.slice(1), `partition ${at} of ${label}: what --explain prints`);
      for (const id of moved) {
        assert.ok(explanation.some((line) => line.includes(`to node ${JSON.stringify(id)}`)), `a move to ${id}`);
      }
      reasons += 1;
    }
  }
  return reasons;
}

/** Input that is no partition: the box says what it expects, and no earlier answer is left. */
export async function refuses(page, partitions) {
  await answers(page, '0');
  assert.ok(await page.locator('#answer dt').count(), 'an answer for partition 0');
  for (const wrong of ['', 'abc', '-1', '1.5', '1e2', String(partitions), '99999999999999999999']) {
    await answers(page, '0');
    const parts = await answers(page, wrong);
    const said = await page.evaluate(() => {
      const input = document.querySelector('#ask input');
      return { answer: document.getElementById('answer').textContent, native: input.validationMessage, role: document.getElementById('answer').getAttribute('role') };
    });
    assert.deepEqual(parts, [], `${JSON.stringify(wrong)}: the earlier answer is still there`);
    assert.ok(
      said.answer.includes('whole number from 0 to') && said.answer.includes(grouped(partitions - 1)),
      `${JSON.stringify(wrong)}: the box says ${JSON.stringify(said)}`,
    );
    assert.equal(said.role, 'status', 'the answer is read aloud');
  }
  assert.ok((await answers(page, String(partitions - 1))).length, 'the last partition');
}
