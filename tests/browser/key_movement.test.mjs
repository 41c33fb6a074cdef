// The reports of `key_movement --html`.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { close, folder, openAll, opened, ROOT, run, skip } from './harness.mjs';
import { HOSTILE } from './scenarios.mjs';
import { cell, csv } from './tables.mjs';
import { commands, download } from './checks/downloads.mjs';
import { details, scrollStops, tabOrder } from './checks/keyboard.mjs';
import { accessible, alike, fits, looks, paper } from './checks/looks.mjs';
import { harmless, trap } from './checks/names.mjs';
import { matrices, pictures } from './checks/pictures.mjs';
import { quiet } from './checks/quiet.mjs';
import { grouped, moving } from './checks/slider.mjs';
import { contents, ids, sections } from './checks/structure.mjs';

after(close);

const PAGE = ['verdict', 'checks', 'parts', 'explain', 'downloads', 'method'];
const ALGORITHM = ['verdict', 'checks', 'ring', 'flows', 'loads', 'failures', 'schedule', 'undo'];

/** Keys that are all in the page's sample, with sizes. */
const few = Array.from({ length: 60 }, (_, i) => `key ${i}\t${100 + i}`);
/** Names and keys that would end their place. `=1` after a name is its weight. */
const names = HOSTILE.filter((name) => !/[\u0000-\u001f]/.test(name)).slice(0, 12);
const evil = names.map((name) => `${name}\t1`);

const RUNS = {
  'a node more': { keys: few, args: ['--nodes', '6'], moving: true },
  'replicas and weights': {
    keys: Array.from({ length: 2000 }, (_, i) => `${i}\t${i % 50}`),
    args: ['--node', 'a=1', '--node', 'b=2', '--node', 'c=3', '--node', 'd=1', '--remove', 'b', '--add', 'e=2', '--replicas', '2'],
  },
  'many nodes': { keys: few, args: ['--nodes', '60', '--remove', 'n3', '--algorithm', 'ring', '--algorithm', 'maglev'] },
  'hostile names': {
    keys: evil,
    args: [...names.flatMap((name) => ['--node', `${name}=1`]), '--add', '</desc><script>alert(9)</script>=1', '--algorithm', 'ring', '--algorithm', 'rendezvous'],
    names,
  },
  'the files under src': { args: ['--dir', path.join(ROOT, 'src'), '--algorithm', 'ring', '--algorithm', 'asura'] },
};

for (const [name, { keys, args, ...wanted }] of Object.entries(RUNS)) {
  describe(`the report of key_movement: ${name}`, { skip }, () => {
    let made;
    const report = () => {
      if (made) return made;
      const stem = path.join(folder, name.replaceAll(' ', '-'));
      const given = [...args];
      if (keys) {
        fs.writeFileSync(`${stem}.txt`, keys.map((key) => `${key}\n`).join(''));
        given.push('--keys', `${stem}.txt`);
      }
      run('key_movement', [...given, '--html', `${stem}.html`]);
      const json = JSON.parse(run('key_movement', [...given, '--json']));
      return (made = { file: `${stem}.html`, json });
    };
    const use = (check, options) => opened(report().file, check, options);

    test('asks for nothing and says nothing, and has every section', () =>
      use(async (page, seen) => {
        await ids(page);
        const all = report().json.algorithms.flatMap(({ supported }, i) =>
          (supported ? ALGORITHM : ['checks']).map((section) => `a${i + 1}-${section}`));
        await sections(page, [...PAGE, ...all]);
        assert.equal(await page.locator('#method li').count(), 4, 'limits and method in four lines');
        await contents(page);
        await openAll(page);
        quiet(seen);
      }));

    test('describes every picture and says its numbers', () =>
      use(async (page) => {
        const kinds = await pictures(page);
        const counted = report().json.algorithms.filter(({ supported }) => supported).length;
        assert.equal(kinds.bars, counted, 'bars of every algorithm');
        if (wanted.moving) assert.ok(kinds.circle > 0 && kinds.rounds > 0, JSON.stringify(kinds));
        assert.ok((await matrices(page)) >= counted);
      }));

    test('says what --json says', () =>
      use(async (page) => {
        const rows = await page.locator('#verdict table').first().evaluate((table) =>
          [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent)));
        for (const [i, found] of report().json.algorithms.entries()) {
          assert.equal(rows[i][0], found.name);
          if (!found.supported) {
            assert.match(rows[i][1], /FAIL/);
            continue;
          }
          assert.equal(rows[i][2], grouped(found.moved_keys), found.name);
          const matrix = page.locator(`#a${i + 1}-flows table.matrix tfoot td`).last();
          if (await matrix.count()) assert.equal(await matrix.textContent(), grouped(found.moved_keys), found.name);
        }
      }));

    test('shows the rounds by a slider', () =>
      use(async (page) => {
        const moved = await moving(page);
        if (wanted.moving) assert.ok(moved > 0, 'no slider');
      }));

    test('explains keys', () =>
      use(async (page) => {
        const input = page.locator('#ask input');
        const answer = async (text) => {
          await input.fill(text);
          await input.press('Enter');
          return page.evaluate(() => [...document.querySelectorAll('#answer dt')].map((dt) => [dt.textContent, dt.nextElementSibling.textContent]));
        };
        const offered = await page.locator('#keys option').evaluateAll((list) => list.map((option) => option.value));
        assert.ok(offered.length > 0, 'the box offers keys');
        const { algorithms, replicas } = report().json;
        if (keys === few) {
          assert.deepEqual([...offered].sort(), few.map((line) => line.split('\t')[0]).sort());
          // The moves that the box tells of all keys are those that were counted.
          const moves = new Map(algorithms.map((found) => [found.name, 0]));
          for (const key of offered) {
            for (const [algorithm, line] of await answer(key)) {
              assert.match(line, /^(stays on|moves from) |cannot make this change/);
              if (line.startsWith('moves')) moves.set(algorithm, moves.get(algorithm) + 1);
            }
          }
          assert.equal(replicas, 1);
          for (const found of algorithms.filter(({ supported }) => supported)) {
            assert.equal(moves.get(found.name), found.moved_keys, found.name);
          }
        } else {
          assert.equal((await answer(offered[0])).length, algorithms.length);
          if (wanted.names) assert.ok(offered.some((key) => wanted.names.includes(key)));
        }
        for (const unknown of ['', 'no such key', '</script>']) {
          await answer(offered[0]);
          if (offered.includes(unknown)) continue;
          assert.deepEqual(await answer(unknown), [], 'an earlier answer is still there');
          assert.match(await page.locator('#answer').textContent(), /not in the file/);
        }
      }));

    test('gives files that are what key_movement prints', () =>
      use(async (page, seen) => {
        const found = {};
        for (const link of await page.locator('#downloads a[download]').all()) {
          const { name: file, text } = await download(page, link);
          found[file] = text;
        }
        const without = ({ flows, lookup_ns: _, ...other }) => other;
        const { algorithms, ...others } = report().json;
        const figures = JSON.parse(found['key_movement.json']);
        assert.deepEqual(figures, { ...others, algorithms: algorithms.map(without) }, 'key_movement.json is what --json prints');
        const [head, ...rows] = csv(found['flows.csv']);
        assert.deepEqual(head, ['algorithm', 'from', 'to', 'moved', 'bytes']);
        const flows = algorithms.flatMap((algorithm) => (algorithm.flows ?? []).map((flow) =>
          [algorithm.name, cell(flow.from ?? ''), cell(flow.to ?? ''), String(flow.keys), String(flow.bytes)]));
        const sorted = (list) => list.map((row) => JSON.stringify(row)).sort();
        assert.deepEqual(sorted(rows), sorted(flows), 'flows.csv is what --json prints');
        commands(found['commands.txt']);
        quiet(seen);
      }));

    test('can be used by keyboard, without script, and on paper', async () => {
      await use(async (page) => {
        assert.ok((await tabOrder(page)) > 10);
        await details(page);
        await paper(page);
        await openAll(page);
        await scrollStops(page);
      });
      const numbers = (page) => page.locator('main table, main h2, main h3, main h4, main svg').allTextContents();
      const withScript = await use(numbers);
      await use(async (page, seen) => {
        assert.deepEqual(await numbers(page), withScript);
        for (const control of await page.locator('.slider, #ask, button').all()) {
          assert.equal(await control.isVisible(), false, 'a control that does nothing without script');
        }
        quiet(seen);
      }, { javaScriptEnabled: false });
    });

    test('shows names as text', () =>
      use(async (page) => {
        await openAll(page);
        await harmless(page, (wanted.names ?? []).map((text) => text.trim()), report().json.algorithms.map((found) => found.name));
        if (wanted.names) {
          const shown = await page.locator('main').textContent();
          for (const text of wanted.names) assert.ok(shown.includes(text.slice(0, 40)), text);
        }
      }, { first: trap }));

    test('is the same in light and dark, and accessible', () =>
      use(async (page) => {
        alike(await looks(page, 'light'), await looks(page, 'dark'));
        await openAll(page);
        await fits(page);
        for (const scheme of ['light', 'dark']) await accessible(page, scheme);
      }));
  });
}

test('the box writes commands that place any other key', { skip }, async () => {
  const other = "an other 'key'";
  const made = (name, keys) => {
    const stem = path.join(folder, name);
    fs.writeFileSync(`${stem}.txt`, keys.map((key) => `${key}\n`).join(''));
    const nodes = ['--node', 'a b=1', '--node', "it's=2", '--node', 'c=1', '--remove', 'c', '--add', 'd=3'];
    run('key_movement', ['--keys', `${stem}.txt`, ...nodes, '--replicas', '2', '--html', `${stem}.html`]);
    return `${stem}.html`;
  };
  const ask = (file) => opened(file, async (page) => {
    await page.locator('#ask input').fill(other);
    await page.locator('#ask input').press('Enter');
    return page.evaluate(() => ({
      commands: document.querySelector('#answer pre')?.textContent ?? '',
      answers: Object.fromEntries([...document.querySelectorAll('#answer dt')].map((dt) => [dt.textContent, dt.nextElementSibling.textContent])),
    }));
  });
  const { commands: text } = await ask(made('unlisted', few));
  const { answers } = await ask(made('listed', [...few, `${other}\t1`]));
  const heads = text.split('\n').filter((line) => line.startsWith('# '));
  const printed = commands(text);
  assert.equal(heads.length, printed.length);
  const told = new Map();
  heads.forEach((head, i) => told.set(head.slice(2), printed[i].trimEnd().slice(other.length + 1)));
  // Not every algorithm knows weights and removed nodes.
  for (const known of ['ring, before', 'ring, after', 'weighted-rendezvous, after']) {
    assert.ok(told.has(known), `${known}: ${[...told.keys()]}`);
  }
  for (const [algorithm, answer] of Object.entries(answers)) {
    const [before, after] = /^stays on/.test(answer) ? Array(2).fill(answer.slice(9)) : answer.slice(11).split(' to ');
    if (/cannot/.test(answer)) continue;
    assert.equal(told.get(`${algorithm}, before`).split(/[,\t]/).join(', '), before, algorithm);
    const then = told.get(`${algorithm}, after`);
    if (then !== undefined) assert.equal(then.split(/[,\t]/).join(', '), after, algorithm);
  }
});

test('a change to nodes without keys is refused as ever', { skip }, () => {
  const ended = spawnSync(path.join(process.env.CARGO_TARGET_DIR ?? path.join(ROOT, 'target'), 'release/examples/key_movement'),
    ['--keys', '/dev/null', '--html', path.join(folder, 'none.html')], { encoding: 'utf8' });
  assert.equal(ended.status, 2);
  assert.ok(!fs.existsSync(path.join(folder, 'none.html')), 'no report of nothing');
});
