// A table of 1000 nodes and 2^18 partitions: its report stays small and opens at once.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, test } from 'node:test';
import { close, opened, planReport, skip } from './harness.mjs';
import * as scenarios from './scenarios.mjs';
import { planned } from './tables.mjs';
import { explains } from './checks/explain.mjs';
import { fits } from './checks/looks.mjs';
import { matrices, pictures } from './checks/pictures.mjs';
import { quiet } from './checks/quiet.mjs';
import { sliders } from './checks/slider.mjs';
import { ids, planSections } from './checks/structure.mjs';

after(close);

test('a report of 1000 nodes and 2^18 partitions', { skip }, async (t) => {
  const scenario = scenarios.large();
  const report = planReport('large', scenario);
  const plan = planned(report);
  const size = fs.statSync(report.file).size;
  t.diagnostic(`${size} bytes`);
  assert.ok(size < 3_000_000, `${size} bytes`);
  const times = [];
  for (let i = 0; i < 3; i += 1) {
    times.push(await opened(report.file, (_, seen) => seen.milliseconds));
  }
  const fastest = Math.min(...times);
  t.diagnostic(`opens in ${times.map(Math.round).join(', ')} ms (goal: below 2000 on an idle machine)`);
  // Other programs may run beside this: only what no load explains is a failure.
  assert.ok(fastest < 10_000, `${fastest} ms`);
  await opened(report.file, async (page, seen) => {
    await ids(page);
    await planSections(page, scenario.steps);
    assert.deepEqual(await pictures(page), { bars: 2, strips: 1, rounds: 1 });
    assert.ok((await matrices(page)) >= 3);
    assert.equal(await sliders(page, plan.steps, plan.transfers), 1);
    const moved = plan.transfers.slice(0, 1).map(([, , partition]) => Number(partition));
    await explains(page, plan, [4711, ...moved]);
    await fits(page);
    quiet(seen);
  });
});
