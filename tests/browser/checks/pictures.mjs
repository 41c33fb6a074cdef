// Every picture has a name, a description, and its numbers in a table that says what is drawn.

import assert from 'node:assert/strict';

/** A coordinate has one decimal. */
const PX = 0.11;

const number = (text) => Number(text.replace(/,/g, ''));

/** Reads the pictures with the tables below them. */
function read(page) {
  return page.evaluate(() =>
    [...document.querySelectorAll('svg')].filter((svg) => !svg.classList.contains('defs')).map((svg) => {
      const all = (selector) => [...svg.querySelectorAll(selector)];
      const of = (element, ...names) => names.map((name) => Number(element.getAttribute(name)));
      const referred = (svg.getAttribute('aria-labelledby') ?? '').split(/\s+/).filter(Boolean)
        .map((id) => document.getElementById(id)?.textContent ?? '');
      const table = svg.closest('figure')?.querySelector('details table');
      return {
        role: svg.getAttribute('role'),
        id: svg.closest('figure')?.id ?? '',
        title: svg.querySelector(':scope > title')?.textContent ?? '',
        desc: svg.querySelector(':scope > desc')?.textContent ?? '',
        referred,
        caption: table?.caption?.textContent ?? '',
        heads: [...(table?.tHead?.rows[0]?.cells ?? [])].map((cell) => cell.textContent),
        rows: [...(table?.tBodies[0]?.rows ?? [])].map((row) => [...row.cells].map((cell) => cell.textContent)),
        names: all('text.name').map((text) => [text.textContent, ...of(text, 'x', 'y')]),
        stay: all('rect.f-stay').map((rect) => of(rect, 'x', 'y', 'width', 'height')),
        into: all('rect.f-in').map((rect) => of(rect, 'x', 'y', 'width', 'height')),
        out: all('rect[fill="url(#hatch-out)"]').map((rect) => of(rect, 'x', 'y', 'width', 'height')),
        quota: all('path.s-quota').map((path) => Number(/^M([\d.]+)/.exec(path.getAttribute('d'))[1])),
        peak: all('path.s-peak').map((path) => Number(/^M([\d.]+)/.exec(path.getAttribute('d'))[1])),
        cap: all('path.s-cap').map((path) => [
          Number(/^M([\d.]+)/.exec(path.getAttribute('d'))[1]),
          Number(/^M[\d.]+ ([\d.]+)/.exec(path.getAttribute('d'))[1]),
        ]),
        axis: all('text.axis').map((text) => [text.textContent, ...of(text, 'x', 'y')]),
        paths: all('path[fill^="url(#"]').map((path) => [path.getAttribute('fill'), path.getAttribute('d')]),
        cursor: all('rect.cursor').map((rect) => [Number(rect.dataset.left), Number(rect.dataset.wide), Number(rect.dataset.per)])[0],
      };
    }));
}

/** Checks all pictures of a page; tells how many of each kind it has. */
export async function pictures(page) {
  const found = await read(page);
  const kinds = {};
  for (const picture of found) {
    const where = `picture ${picture.id || picture.title}`;
    assert.equal(picture.role, 'img', `${where}: role`);
    assert.ok(picture.title.trim().length > 5, `${where}: no name`);
    assert.ok(picture.desc.trim().length > 20, `${where}: no description`);
    assert.deepEqual(picture.referred, [picture.title, picture.desc], `${where}: aria-labelledby`);
    assert.ok(picture.rows.length > 0, `${where}: no table of its numbers`);
    assert.ok(picture.caption.length > 5, `${where}: its table has no caption`);
    const kind = /-([a-z]+)$/.exec(picture.id)?.[1] ?? 'other';
    kinds[kind] = (kinds[kind] ?? 0) + 1;
    ({ bars, strips, rounds })[kind]?.(picture, where);
  }
  return kinds;
}

/** What a column of the table says, as numbers. */
function column(picture, head) {
  const at = picture.heads.indexOf(head);
  assert.ok(at > 0, `${picture.id}: no column ${head} in ${picture.heads}`);
  return picture.rows.map((row) => number(row[at]));
}

function near(actual, expected, message) {
  assert.ok(Math.abs(actual - expected) <= PX, `${message}: drawn at ${actual}, the table says ${expected}`);
}

function bars(picture, where) {
  const rows = picture.rows.length;
  assert.equal(picture.names.length, rows, `${where}: as many bars as rows`);
  const [before, peak, after, quota] = ['before', 'peak', 'after', 'quota'].map((head) => column(picture, head));
  const capacity = column(picture, 'capacity');
  const max = Math.max(1, ...peak, ...quota, ...capacity.filter((n) => !Number.isNaN(n)));
  const [[, left], [, right]] = picture.axis;
  const x = (value) => (value * (right - left)) / max;
  assert.equal(picture.stay.length, rows, `${where}: bars before`);
  assert.equal(picture.into.length, rows, `${where}: bars after`);
  for (let i = 0; i < rows; i += 1) {
    near(picture.stay[i][2], x(before[i]), `${where}: before of row ${i}`);
    near(picture.into[i][2], x(after[i]), `${where}: after of row ${i}`);
    // The table has two decimals of the quota.
    const rounded = Math.abs(picture.quota[i] - left - x(quota[i])) <= PX + x(0.006);
    assert.ok(rounded, `${where}: quota of row ${i}`);
    if (picture.peak.length) {
      near(picture.peak[i] - left, x(peak[i]), `${where}: peak of row ${i}`);
    }
  }
  const capped = capacity.filter((n) => !Number.isNaN(n));
  assert.equal(picture.cap.length, capped.length, `${where}: capacities`);
  capped.forEach((n, i) => near(picture.cap[i][0] - left, x(n), `${where}: capacity ${i}`));
}

function strips(picture, where) {
  const rows = picture.rows.length;
  assert.equal(picture.names.length, rows, `${where}: as many strips as rows`);
  const leave = column(picture, 'leave');
  const arrive = column(picture, 'arrive');
  const drawn = (fill) => picture.paths.filter(([name]) => name === `url(#${fill})`).map(([, d]) => d !== '');
  assert.deepEqual(drawn('hatch-out'), leave.map((n) => n > 0), `${where}: strips from which replicas leave`);
  assert.deepEqual(drawn('dots-in'), arrive.map((n) => n > 0), `${where}: strips to which replicas come`);
  const [before, stay, after] = ['before', 'stay', 'after'].map((head) => column(picture, head));
  before.forEach((n, i) => assert.equal(n, stay[i] + leave[i], `${where}: before of row ${i}`));
  after.forEach((n, i) => assert.equal(n, stay[i] + arrive[i], `${where}: after of row ${i}`));
}

function rounds(picture, where) {
  const rows = picture.rows.length;
  assert.equal(picture.names.length, rows, `${where}: as many rows in the picture as in the table`);
  const [left, wide, per] = picture.cursor;
  const tall = picture.names.length > 1 ? picture.names[1][2] - picture.names[0][2] : 18;
  // In which columns a row has a rectangle.
  const columns = (rects) => {
    const of = picture.names.map(() => new Set());
    for (const [x, y] of rects) {
      const row = Math.round((y + 4 - picture.names[0][2] + 8) / tall - 0.5);
      of[Math.min(Math.max(row, 0), rows - 1)].add(Math.round((x - left) / wide));
    }
    return of;
  };
  const [sends, receives] = [columns(picture.out), columns(picture.into)];
  const [sent, received, first, last] = ['sends', 'receives', 'first round', 'last round']
    .map((head) => column(picture, head));
  for (let i = 0; i < rows; i += 1) {
    assert.equal(sends[i].size > 0, sent[i] > 0, `${where}: row ${i} sends`);
    assert.equal(receives[i].size > 0, received[i] > 0, `${where}: row ${i} receives`);
    assert.ok(sends[i].size <= sent[i] && receives[i].size <= received[i], `${where}: too many cells in row ${i}`);
    const all = [...sends[i], ...receives[i]];
    if (all.length) {
      assert.equal(Math.min(...all), Math.floor((first[i] - 1) / per), `${where}: first round of row ${i}`);
      assert.equal(Math.max(...all), Math.floor((last[i] - 1) / per), `${where}: last round of row ${i}`);
    }
  }
}

/** The sums of every matrix are those of its cells. */
export async function matrices(page) {
  const found = await page.evaluate(() => [...document.querySelectorAll('table.matrix')].map((table) => ({
    caption: table.caption.textContent,
    rows: [...table.tBodies[0].rows].map((row) => [...row.cells].slice(1).map((cell) => cell.textContent)),
    sums: [...table.tFoot.rows[0].cells].slice(1).map((cell) => cell.textContent),
  })));
  for (const { caption, rows, sums } of found) {
    const cells = rows.map((row) => row.map((text) => (text === '·' ? 0 : number(text))));
    const width = sums.length;
    cells.forEach((row, i) => {
      assert.equal(row.length, width, `${caption}: cells of row ${i}`);
      const sum = row.slice(0, -1).reduce((a, b) => a + b, 0);
      assert.equal(row.at(-1), sum, `${caption}: sum of row ${i}`);
    });
    for (let at = 0; at < width; at += 1) {
      assert.equal(number(sums[at]), cells.reduce((sum, row) => sum + row[at], 0), `${caption}: sum of column ${at}`);
    }
  }
  return found.length;
}
