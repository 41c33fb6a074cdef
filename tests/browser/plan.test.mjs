// The reports of `plan --html`.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { close, openAll, opened, planReport, ROOT, skip } from './harness.mjs';
import * as scenarios from './scenarios.mjs';
import { csv, jointly, planned } from './tables.mjs';
import { commands, download, files, transfers, undo } from './checks/downloads.mjs';
import { explains, refuses } from './checks/explain.mjs';
import { details, scrollStops, tabOrder } from './checks/keyboard.mjs';
import { accessible, alike, fits, looks, paper } from './checks/looks.mjs';
import { harmless, trap } from './checks/names.mjs';
import { matrices, pictures } from './checks/pictures.mjs';
import { quiet } from './checks/quiet.mjs';
import { grouped, moving, sliders } from './checks/slider.mjs';
import { contents, ids, planSections, sections } from './checks/structure.mjs';

const published = JSON.parse(fs.readFileSync(path.join(ROOT, 'examples/plan/scenario.json'), 'utf8'));
const all = { published, rich: scenarios.rich(), hostile: scenarios.hostile() };

after(close);

for (const [name, scenario] of Object.entries(all)) {
  describe(`the report of the ${name} scenario`, { skip }, () => {
    let made;
    const report = () => (made ??= planReport(name, scenario));
    let told;
    const plan = () => (told ??= planned(report()));
    const use = (check, options) => opened(report().file, check, options);

    test('asks for nothing and says nothing, whatever is used', () =>
      use(async (page, seen) => {
        await openAll(page);
        await sliders(page, plan().steps, plan().transfers);
        await explains(page, plan(), [0]);
        await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
        quiet(seen);
      }));

    test('has every section, and links that lead to them', () =>
      use(async (page) => {
        await ids(page);
        await planSections(page, scenario.steps);
        await contents(page);
      }));

    test('describes every picture and says its numbers', () =>
      use(async (page) => {
        const kinds = await pictures(page);
        const changes = scenario.steps.length - 1;
        assert.equal(kinds.bars, scenario.steps.length, 'bars of every step');
        assert.equal(kinds.strips, changes, 'strips of every change');
        assert.equal(kinds.rounds, plan().steps.filter((step) => step.rounds > 0).length, 'rounds of every step that copies');
        assert.ok((await matrices(page)) >= changes, 'matrices');
        if (name === 'rich') {
          const heads = await page.locator('#s4-flows table.matrix').first().locator('thead th').allTextContents();
          assert.deepEqual(heads, ['from \\ to', 'z5', 'sum'], 'by zone above 40 nodes');
          // 12 nodes of 60 slots in every zone.
          const slots = await page.locator('#s1-bars details tbody td:last-child').allTextContents();
          assert.deepEqual(slots, Array(5).fill('720'), 'the capacity of a zone is that of its nodes');
        }
      }));

    test('shows the rounds by a slider', () =>
      use(async (page) => {
        const moving = plan().steps.filter((step) => step.rounds > 0).length;
        assert.equal(await sliders(page, plan().steps, plan().transfers), moving);
      }));

    test('explains partitions as --explain does', () =>
      use(async (page) => {
        const last = plan().tables.at(-1).rows.length;
        const moved = plan().transfers.map(([, , partition]) => Number(partition));
        const some = [...new Set([...moved.slice(0, 2), ...moved.slice(-1)])];
        const reasons = await explains(page, plan(), [last - 1, ...some]);
        assert.ok(reasons > 0, 'no move was explained');
        await refuses(page, last);
      }));

    test('gives files that are what plan prints', () =>
      use(async (page, seen) => {
        await openAll(page);
        const found = await files(page, report(), plan());
        assert.ok(found['nodes.csv'], 'nodes.csv');
        commands(found['commands.txt']);
        assert.equal(await transfers(page, plan()), plan().steps.filter((step) => step.transfers > 0).length);
        assert.ok((await undo(page, plan())) >= 2);
        quiet(seen);
      }));

    test('can be used by keyboard', () =>
      use(async (page) => {
        assert.ok((await tabOrder(page)) > 10);
        await details(page);
        await openAll(page);
        await scrollStops(page);
      }));

    test('shows names as text', () =>
      use(async (page) => {
        await openAll(page);
        await sliders(page, plan().steps, plan().transfers);
        await explains(page, plan(), [3, 17]);
        const ids = scenario.steps.at(0).nodes.map((node) => node.id.trim());
        const groups = name === 'rich' ? ['z0', 'z4'] : ids;
        await harmless(page, groups, scenario.steps.map((step) => step.label));
      }, { first: trap }));

    test('has all sections and numbers without script', async () => {
      const text = (page) => page.locator('main table, main h2, main h3, main h4, main p, main svg').allTextContents();
      const [sections, withScript] = await use(async (page) => [
        await page.locator('section[id]').evaluateAll((list) => list.map((section) => section.id)),
        await text(page),
      ]);
      await use(async (page, seen) => {
        const none = await page.locator('section[id]').evaluateAll((list) => list.map((section) => section.id));
        assert.deepEqual(none, sections);
        const shown = await text(page);
        const answers = (list) => list.filter((line) => line.trim());
        assert.deepEqual(answers(shown), answers(withScript));
        assert.ok(shown.length > 40);
        for (const control of await page.locator('.slider, #ask, button').all()) {
          assert.equal(await control.isVisible(), false, 'a control that does nothing without script');
        }
        const closed = page.locator('details.part:not([open])').first();
        const id = await closed.getAttribute('id');
        await closed.locator('summary').first().click();
        assert.ok(await page.locator(`#${id} section`).first().isVisible(), 'a step opens without script');
        for (const link of await page.locator('#downloads a[download]').all()) {
          assert.match(await link.getAttribute('href'), /^data:/);
        }
        quiet(seen);
      }, { javaScriptEnabled: false });
    });

    test('is the same in light and dark, wide and narrow, and prints', () =>
      use(async (page) => {
        alike(await looks(page, 'light'), await looks(page, 'dark'));
        await page.setViewportSize({ width: 375, height: 900 });
        alike(await looks(page, 'light'), await looks(page, 'dark'));
        await openAll(page);
        await fits(page);
        await page.setViewportSize({ width: 1280, height: 900 });
        await paper(page);
      }));

    test('is accessible in light and dark', () =>
      use(async (page) => {
        await openAll(page);
        await explains(page, plan(), [0]);
        for (const [scheme, width] of [['light', 1280], ['dark', 375]]) {
          await page.setViewportSize({ width, height: 900 });
          await accessible(page, scheme);
        }
      }));
  });
}

describe('the report of several tables', { skip }, () => {
  const scenario = scenarios.joint();
  let made;
  const report = () => (made ??= planReport('joint', scenario));
  let told;
  const plan = () => (told ??= jointly(report()));
  const use = (check, options) => opened(report().file, check, options);
  const shared = ['verdict', 'checks', 'loads', 'domains', 'leaders'];

  test('has the sections of all tables, and those of each', () =>
    use(async (page, seen) => {
      await ids(page);
      await contents(page);
      const wanted = scenario.steps.flatMap((_, i) => {
        const [all, own] = i === 0 ? [shared, ['failures']] : [[...shared, 'schedule', 'undo'], ['table', 'flows', 'failures']];
        const each = scenario.tables.flatMap((_table, t) => own.map((name) => `t${t + 1}-${name}`));
        return [...all, ...each].map((name) => `s${i + 1}-${name}`);
      });
      await sections(page, wanted);
      for (const [t, { name }] of scenario.tables.entries()) {
        const title = await page.locator(`#s2-t${t + 1}-table h4`).textContent();
        assert.equal(title, `${name}: The table before and after`);
      }
      await openAll(page);
      quiet(seen);
    }));

  test('describes every picture and says its numbers', () =>
    use(async (page) => {
      const changes = scenario.steps.length - 1;
      const kinds = await pictures(page);
      assert.deepEqual(kinds, { bars: scenario.steps.length, strips: changes * scenario.tables.length, rounds: changes });
      await matrices(page);
      // The joint bars are what --json --nodes prints of all tables.
      for (const [i, step] of plan().steps.entries()) {
        const rows = await page.locator(`#s${i + 1}-bars details tbody tr`).evaluateAll((list) =>
          list.map((row) => [...row.cells].map((cell) => cell.textContent)));
        assert.equal(rows.length, step.nodes.length);
        for (const node of step.nodes) {
          const [, , peak, after] = rows.find(([id]) => id === node.id);
          assert.deepEqual([peak, after], [grouped(node.peak), grouped(node.load)], node.id);
        }
      }
    }));

  test('shows the rounds by a slider, and the partitions of every table', () =>
    use(async (page) => {
      assert.equal(await moving(page), scenario.steps.length - 1);
      const input = page.locator('#s2-schedule .slider input');
      await input.focus();
      await page.keyboard.press('Home');
      await page.keyboard.press('ArrowRight');
      const text = await page.locator('#s2-schedule .slider output').textContent();
      assert.match(text, /partition \d+ of (orders|users|<b>logs): /);
    }));

  test('explains partitions of every table', () =>
    use(async (page) => {
      const answer = async (table, partition) => {
        await page.locator('#ask select').selectOption({ index: table });
        await page.locator('#ask input').fill(String(partition));
        await page.locator('#ask input').press('Enter');
        return page.evaluate(() => [...document.querySelectorAll('#answer dt')].map((dt) => [dt.textContent, dt.nextElementSibling.textContent]));
      };
      for (const [t, { name, partitions }] of scenario.tables.entries()) {
        for (const partition of [0, partitions - 1]) {
          const answers = await answer(t, partition);
          const rows = plan().tables.map((step) => step.get(`${name}/${partition}`));
          assert.equal(answers.length, rows.length);
          assert.equal(answers[0][1], `holders: ${rows[0].join(', ')} (a fresh table)`);
          assert.equal(answers[1][0], `${scenario.steps[1].label}: partition ${partition} of ${partitions}`);
          assert.equal(answers[1][1], `before: ${rows[0].join(', ')}`);
        }
        assert.deepEqual(await answer(t, partitions), [], `${name} has ${partitions} partitions`);
      }
    }));

  test('gives files: transfers and the way back name the table', () =>
    use(async (page, seen) => {
      await openAll(page);
      const found = await files(page, report(), plan());
      commands(found['commands.txt']);
      const { text: moves } = await download(page, page.locator('#s2-schedule button'));
      const [head, ...rows] = csv(moves);
      assert.deepEqual(head, ['round', 'table', 'partition', 'from', 'to']);
      assert.equal(rows.length, plan().steps[1].transfers);
      for (const [, table, partition, , to] of rows) {
        const [old, now] = plan().tables.map((step) => step.get(`${table}/${partition}`));
        assert.ok(now.includes(to) && !old.includes(to), `${table}/${partition} to ${to}`);
      }
      const { text: undo } = await download(page, page.locator('#s2-undo button'));
      const [titles, ...back] = csv(undo);
      assert.deepEqual(titles, ['table', 'partition', 'action', 'node', 'source']);
      // Done to the tables after the step, it gives the holders before it, but for the lost node.
      const after = new Map([...plan().tables[1]].map(([at, row]) => [at, new Set(row)]));
      for (const [table, partition, action, node] of back) {
        const row = after.get(`${table}/${partition}`);
        if (action === 'copy back' || action === 'lost') row.add(node);
        if (action === 'delete') row.delete(node);
      }
      for (const [at, row] of plan().tables[0]) assert.deepEqual([...after.get(at)].sort(), [...row].sort(), at);
      quiet(seen);
    }));

  test('can be used by keyboard, and is accessible in light and dark', () =>
    use(async (page) => {
      assert.ok((await tabOrder(page)) > 10);
      await openAll(page);
      await fits(page);
      for (const scheme of ['light', 'dark']) await accessible(page, scheme);
    }));

  test('shows names as text', () =>
    use(async (page) => {
      await openAll(page);
      await harmless(page, ['n1'], scenario.steps.map((step) => step.label));
    }, { first: trap }));
});
