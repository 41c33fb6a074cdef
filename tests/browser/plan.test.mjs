// The reports of `plan --html`.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { close, openAll, opened, planReport, ROOT, skip } from './harness.mjs';
import * as scenarios from './scenarios.mjs';
import { planned } from './tables.mjs';
import { commands, files, transfers, undo } from './checks/downloads.mjs';
import { explains, refuses } from './checks/explain.mjs';
import { details, tabOrder } from './checks/keyboard.mjs';
import { accessible, alike, fits, looks, paper } from './checks/looks.mjs';
import { harmless, trap } from './checks/names.mjs';
import { matrices, pictures } from './checks/pictures.mjs';
import { quiet } from './checks/quiet.mjs';
import { sliders } from './checks/slider.mjs';
import { contents, ids, planSections } from './checks/structure.mjs';

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
