// The files that the page gives are what the programs print.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { folder, program } from '../harness.mjs';
import { cell, csv } from '../tables.mjs';

/** Clicks, and reads the file that comes of it. */
export async function download(page, control) {
  // Chromium drops what comes after ten downloads of a page within a second.
  await page.waitForTimeout(150);
  const [file] = await Promise.all([page.waitForEvent('download'), control.click()]);
  return { name: file.suggestedFilename(), text: fs.readFileSync(await file.path(), 'utf8') };
}

const TIMES = ['plan_ms', 'disperse_ms', 'certificate_ms', 'peak_bytes'];

/** `plan.json`, `nodes.csv` and `commands.txt`. */
export async function files(page, report, plan) {
  const links = await page.locator('#downloads a[download]').all();
  const found = {};
  for (const link of links) {
    const { name, text } = await download(page, link);
    found[name] = text;
  }
  const without = (step, ...names) =>
    Object.fromEntries(Object.entries(step).filter(([name]) => ![...TIMES, ...names].includes(name)));
  assert.deepEqual(
    JSON.parse(found['plan.json']).steps,
    plan.steps.map((step) => without(step, 'nodes')),
    'plan.json is what --json prints, without times and memory',
  );
  if (found['nodes.csv'] !== undefined) {
    const [head, ...rows] = csv(found['nodes.csv']);
    assert.deepEqual(head, ['step', 'node', 'weight', 'quota', 'before', 'peak', 'after', 'led']);
    const wanted = plan.steps.flatMap((step, i) => step.nodes.map((node) => [
      cell(step.label),
      cell(node.id),
      node.weight === null ? 'gone' : String(node.weight),
      node.quota.toFixed(4),
      String(i === 0 ? 0 : node.load - node.moved_in + node.moved_out),
      String(node.peak),
      String(node.load),
      String(node.led),
    ]));
    const sorted = (list) => list.map((row) => JSON.stringify(row)).sort();
    // A quota in the middle of two numbers may be rounded either way.
    const quotas = rows.map((row) => row.splice(3, 1)[0]);
    const others = wanted.map((row) => row.splice(3, 1)[0]);
    assert.deepEqual(sorted(rows), sorted(wanted), 'nodes.csv is what --json --nodes prints');
    const sum = (list) => list.reduce((all, quota) => all + Number(quota), 0);
    assert.ok(Math.abs(sum(quotas) - sum(others)) < 1e-3 * quotas.length, 'quotas');
  } else {
    assert.ok(plan.steps.some((step) => step.nodes.length > 100), 'nodes.csv is left out only where it is large');
  }
  assert.equal(await page.locator('#downloads pre').textContent(), found['commands.txt'], 'commands.txt is what is shown');
  return found;
}

/** Every line of `commands.txt` runs as it is; tells what they print. */
export function commands(text) {
  const bin = path.join(folder, 'bin');
  fs.mkdirSync(bin, { recursive: true });
  for (const name of ['plan', 'key_movement', 'route']) {
    fs.rmSync(path.join(bin, name), { force: true });
    fs.symlinkSync(program(name), path.join(bin, name));
  }
  const lines = text.split('\n').filter((line) => line && !line.startsWith('#'));
  assert.ok(lines.length > 0, 'no command');
  return lines.map((line) => {
    const ended = spawnSync('sh', ['-c', line], {
      cwd: folder, encoding: 'utf8', maxBuffer: 1 << 30, env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
    });
    assert.equal(ended.status, 0, `${line}: ${ended.stderr}`);
    return ended.stdout;
  });
}

/** The transfers of each step are those of `--dump-schedule`. */
export async function transfers(page, plan) {
  let checked = 0;
  for (const [i, step] of plan.steps.entries()) {
    const button = page.locator(`#s${i + 1}-schedule button[data-file=moves]`);
    const wanted = plan.transfers.filter(([label]) => label === step.label)
      .map(([, round, partition, from, to]) => [round, partition, from === '-' ? '' : cell(from), cell(to)]);
    if (!(await button.count())) {
      assert.deepEqual(wanted, []);
      continue;
    }
    const { name, text } = await download(page, button);
    assert.equal(name, `moves-step-${i + 1}.csv`);
    assert.deepEqual(csv(text), [['round', 'partition', 'from', 'to'], ...wanted]);
    checked += 1;
  }
  return checked;
}

/** The way back of each step, done to the table after it, gives the holders and the leaders before it. */
export async function undo(page, plan) {
  let checked = 0;
  for (const i of plan.steps.keys()) {
    const button = page.locator(`#s${i + 1}-undo button[data-file=undo]`);
    if (!(await button.count())) continue;
    const { text } = await download(page, button);
    const [head, ...rows] = csv(text);
    assert.deepEqual(head, ['partition', 'action', 'node', 'source']);
    const after = plan.tables[i].rows.map((row) => row.map(cell));
    const old = plan.tables[i - 1].rows.map((row) => row.map(cell));
    const ways = after.length / old.length;
    const lost = new Map();
    for (const [partition, action, node, source] of rows) {
      const row = after[partition];
      if (action === 'copy back') {
        assert.ok(row.includes(source), `partition ${partition} is copied from ${source}, which does not hold it`);
        row.push(node);
      } else if (action === 'delete') {
        assert.ok(row.includes(node), `${node} does not hold partition ${partition}`);
        row.splice(row.indexOf(node), 1);
      } else if (action === 'lead') {
        if (!row.includes(node)) continue;
        row.splice(row.indexOf(node), 1);
        row.unshift(node);
      } else {
        assert.equal(action, 'lost');
        lost.set(`${partition} ${node}`, true);
      }
    }
    for (const [partition, row] of after.entries()) {
      const before = old[Math.floor(partition / ways)];
      const kept = before.filter((node) => !lost.has(`${partition} ${node}`));
      assert.deepEqual([...row].sort(), [...kept].sort(), `holders of partition ${partition} before step ${i + 1}`);
      if (kept.length === before.length) {
        assert.equal(row[0], before[0], `leader of partition ${partition} before step ${i + 1}`);
      }
    }
    checked += 1;
  }
  return checked;
}
