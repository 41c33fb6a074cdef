// What the programs print and write, read without the page's help.

import fs from 'node:fs';
import path from 'node:path';
import { folder, run } from './harness.mjs';

/**
 * The tables of `--dump`, in order: label and rows of ids, by the names of partitions if a map is given.
 * Ids have no commas and no control characters.
 */
function dumped(text, byName) {
  const tables = [];
  for (const line of text.split('\n').slice(0, -1)) {
    const tab = line.indexOf('\t');
    if (tab < 0) {
      tables.push({ label: line.slice(2), rows: byName ? new Map() : [] });
    } else {
      const { rows } = tables.at(-1);
      const row = line.slice(tab + 1).split(',');
      if (byName) rows.set(line.slice(0, tab), row);
      else rows.push(row);
    }
  }
  return tables;
}

/** All that `plan` says of a report's scenario beside the report. */
export function planned(report) {
  const [dump, schedule] = ['tables.txt', 'schedule.txt'].map((name) => path.join(folder, `${report.name}-${name}`));
  const json = run('plan', [...report.args, '--json', '--nodes', '--dump', dump, '--dump-schedule', schedule]);
  const transfers = fs.readFileSync(schedule, 'utf8').split('\n').slice(0, -1).map((line) => line.split('\t'));
  const explained = new Map();
  return {
    steps: JSON.parse(json).steps,
    tables: dumped(fs.readFileSync(dump, 'utf8')).filter(({ label }) => !/ \(\d+ of \d+\)$/.test(label)),
    transfers,
    explain(partition) {
      if (!explained.has(partition)) {
        explained.set(partition, JSON.parse(run('plan', [...report.args, '--json', '--explain', String(partition)])).steps);
      }
      return explained.get(partition);
    },
  };
}

/** All that `plan` says of a scenario with several tables: `tables[step]` is rows by `name/partition`. */
export function jointly(report) {
  const dump = path.join(folder, `${report.name}-tables.txt`);
  const json = run('plan', [...report.args, '--json', '--nodes', '--dump', dump]);
  const tables = dumped(fs.readFileSync(dump, 'utf8'), new Map());
  return { steps: JSON.parse(json).steps, tables: tables.map(({ rows }) => rows) };
}

/** A name as a CSV file has it: no spreadsheet takes it for a formula. */
export const cell = (name) => (/^[=+\-@\t\r]/.test(name) ? `'${name}` : name);

/** A CSV file by RFC 4180, strictly: rows of the same length, and a line end after the last one. */
export function csv(text) {
  const rows = [[]];
  let cell = '';
  let at = 0;
  while (at < text.length) {
    const sign = text[at];
    if (sign === '"' && cell === '') {
      const end = /(?:[^"]|"")*"/y;
      end.lastIndex = at + 1;
      const found = end.exec(text);
      if (!found) throw new Error(`a quote that does not end at ${at}`);
      cell = found[0].slice(0, -1).replaceAll('""', '"');
      at = end.lastIndex;
      if (![',', '\n'].includes(text[at])) throw new Error(`text after a quote at ${at}`);
    } else if (sign === '"') {
      throw new Error(`a quote inside a cell at ${at}`);
    } else if (sign === ',' || sign === '\n') {
      rows.at(-1).push(cell);
      cell = '';
      at += 1;
      if (sign === '\n') rows.push([]);
    } else {
      cell += sign;
      at += 1;
    }
  }
  if (rows.pop().length || cell) throw new Error('the last line has no end');
  for (const row of rows) {
    if (row.length !== rows[0].length) throw new Error(`a row of ${row.length} cells: ${row}`);
  }
  return rows;
}
