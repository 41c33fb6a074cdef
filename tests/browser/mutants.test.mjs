// Every check can fail: a copy of the report with one fault is given to the check that has to find it.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { close, folder, openAll, opened, planReport, skip } from './harness.mjs';
import * as scenarios from './scenarios.mjs';
import { planned } from './tables.mjs';
import { files, transfers, undo } from './checks/downloads.mjs';
import { explains, refuses } from './checks/explain.mjs';
import { details, scrollStops, tabOrder } from './checks/keyboard.mjs';
import { accessible, alike, fits, looks, paper } from './checks/looks.mjs';
import { harmless, trap } from './checks/names.mjs';
import { matrices, pictures } from './checks/pictures.mjs';
import { quiet } from './checks/quiet.mjs';
import { sliders } from './checks/slider.mjs';
import { contents, ids, planSections } from './checks/structure.mjs';

after(close);

/** One change of a text, which has to be there. */
const replace = (from, to) => (html) => {
  const changed = html.replace(from, to);
  assert.notEqual(changed, html, `${from} is not in the report`);
  return changed;
};
/** Adds something before the end of the page. */
const add = (text) => replace(/<\/main>/, () => `${text}</main>`);
/** Adds a rule after the page's own. */
const style = (rule) => replace('</style>', `${rule}</style>`);

/** Few enough nodes for pictures by node, and names that the slider and the box print. */
const few = ({ id }) => /^(n1?\d|m\d)$/.test(id);
const scenario = {
  ...scenarios.rich(),
  steps: scenarios.rich().steps.slice(0, 4).map((step) => ({
    ...step,
    nodes: step.nodes.filter(few).map((node) => ({ ...node, slots: 200 })),
  })),
};
let made;
const report = () => (made ??= planReport('mutants', scenario));
let told;
const plan = () => (told ??= planned(report()));

const settle = async (page, seen) => {
  await openAll(page);
  await page.waitForTimeout(200);
  quiet(seen);
};
const slide = (page) => sliders(page, plan().steps, plan().transfers);
const moved = () => plan().transfers.slice(0, 3).map(([, , partition]) => Number(partition));
const explain = (page) => explains(page, plan(), moved());
const refuse = (page) => refuses(page, plan().tables.at(-1).rows.length);
const sections = (page) => planSections(page, scenario.steps);
const names = (page) => harmless(page, ['n0'], ['first']);
const bothLooks = async (page) => alike(await looks(page, 'light'), await looks(page, 'dark'));
const open = (check) => async (page) => {
  await openAll(page);
  await check(page);
};

/** What is wrong, how a report comes to have it, the check, and what the check says. */
const MUTANTS = [
  ['an image of another host', add('<img alt="" src="https://example.org/x.png">'), settle, /requests/],
  ['a script of another host', add('<script src="https://example.org/x.js"></script>'), settle, /requests/],
  ['a font of another host', style('@font-face{font-family:x;src:url(https://example.org/x.woff2)}h1{font-family:x}'), settle, /requests/],
  ['a file beside it', add('<img alt="" src="beside.png">'), settle, /requests/],
  ['a script that throws', add('<script>throw new Error("no")</script>'), settle, /errors of the page/],
  ['a message on the console', add('<script>console.warn("no")</script>'), settle, /console/],
  ['a dialog', add('<script>alert("no")</script>'), settle, /dialogs/],
  ['an id twice', add('<p id="verdict"></p>'), ids, /twice/],
  ['a link to nowhere', replace('href="#downloads"', 'href="#nowhere"'), ids, /nowhere/],
  ['a label of nothing', replace(/aria-labelledby="[^"]*"/, 'aria-labelledby="nothing"'), ids, /nothing/],
  ['a link that does not lead there', style('#downloads{position:fixed;top:-5000px}'), contents, /[Tt]imeout/],
  ['no undo', replace(/<section id="s2-undo".*?<\/section>/s, ''), sections, /s2-undo/],
  ['five lines of method', replace(/(<section id="method".*?<\/li>)/s, '$1<li>one more</li>'), sections, /four lines/],
  ['a verdict by colour alone', replace(/(class="badge [a-z]+">).*?PASS/, '$1'), sections, /verdict/],
  ['no description', replace(/<desc id="[^"]*">[^<]*<\/desc>/, ''), pictures, /description|labelledby/],
  ['no name', replace(/<title id="[^"]*">[^<]*<\/title>/, ''), pictures, /name/],
  ['no numbers', replace(/<details class="numbers">.*?<\/details>/s, ''), pictures, /table/],
  ['a wrong bar', replace(/(class="f-stay"[^>]* width=")([\d.]+)/, (_, a, b) => `${a}${Number(b) + 1}`), pictures, /drawn at/],
  ['a missing bar', replace(/<rect class="f-in"[^>]*>/, ''), pictures, /bars|row/],
  ['a wrong number below a picture', replace(/(<details class="numbers">.*?<td class="n">)([\d,]+)/s, (_, a, b) => `${a}${Number(b) + 1}`), pictures, /drawn at|row/],
  ['a strip that hides what leaves', replace(/(url\(#hatch-out\)" d=")M[^"]*/, '$1'), pictures, /strips/],
  ['a cell of a matrix', replace(/(<td class="n h\d">)([\d,]+)/, (_, a, b) => `${a}${Number(b) + 1}`), matrices, /sum/],
  ['a slider that shows nothing', replace('put(output, text);', ''), slide, /Round|input|match/i],
  ['a slider that is off by one', replace('if (i < at)', 'if (i <= at)'), slide, /transfers are complete/],
  ['a slider without its cursor', replace('cursor.toggleAttribute("hidden", at === 0);', ''), slide, /cursor/],
  ['a slider that ignores keys', replace('input.addEventListener("input", show);', 'input.addEventListener("keydown", function (e) { e.preventDefault(); });'), slide, /leads to round/],
  ['an explanation of the next partition', replace('var row = after.rows()[p];', 'var row = after.rows()[p + 1];'), explain, /partition/],
  ['reasons of another partition', replace('table.why[p]', 'table.why[Object.keys(table.why).find(function (q) { return q !== String(p); })]'), explain, /explain/],
  ['before and after exchanged', replace('"before: " + names(old), "after: " + names(row)', '"before: " + names(row), "after: " + names(old)'), explain, /partition/],
  ['no answer to a wrong number', replace(/refuse\("Enter a whole number[^;]*;/, ''), refuse, /earlier answer|box says/],
  ['figures that differ', replace(/(data:application\/json[^"]*base64,)([^"]*)/, (_, a, b) => a + Buffer.from(Buffer.from(b, 'base64').toString().replace(/"moved": 0/, '"moved": 7')).toString('base64')), (page) => files(page, report(), plan()), /plan\.json/],
  ['nodes that differ', replace(/(data:text\/csv[^"]*base64,)([^"]*)/, (_, a, b) => a + Buffer.from(Buffer.from(b, 'base64').toString().replace(/,(\d+)\n/, ',9$1\n')).toString('base64')), (page) => files(page, report(), plan()), /nodes\.csv/],
  ['CSV without quotes', replace('rows.push([at + 1].concat(place(step, t[0]),', 'rows.push([at + 1].concat(place(step, t[0]) + "\\"",'), open((page) => transfers(page, plan())), /./],
  ['a way back that forgets', replace('add("delete", node, "");', ''), open((page) => undo(page, plan())), /holders of partition/],
  ['a control that cannot be reached', replace('<input id="s2-rounds-r"', '<input tabindex="-1" id="s2-rounds-r"'), open(tabOrder), /reached|after/],
  ['an order of its own', replace('<input id="ask-for"', '<input tabindex="5" id="ask-for"'), open(tabOrder), /skips|after/],
  ['a stop that does not scroll', replace('area.removeAttribute("tabindex");', ''), open(scrollStops), /at 1280|at 375/],
  ['no mark of the focus', style('*:focus-visible{outline:none!important}'), tabOrder, /focus/],
  ['details that do not open', add('<script>document.addEventListener("click", function (e) { e.preventDefault(); }, true)</script>'), details, /opens and closes/],
  ['a page that is too wide', add('<p style="width:1400px">wide</p>'), fits, /px of page|outside/],
  ['a table that is too narrow', add(`<table style="width:90px;min-width:0"><tr><td>${'several words '.repeat(9)}</td></tr></table>`), fits, /narrow/],
  ['dark without dark', replace('prefers-color-scheme:dark', 'prefers-color-scheme:no'), bothLooks, /dark/],
  ['a dark page on paper', replace('@media screen and (prefers-color-scheme:dark)', '@media (prefers-color-scheme:dark)'), paper, /on paper/],
  ['controls on paper', style('@media print{nav{display:block!important}}'), paper, /on paper/],
  ['a blank page', style('main{visibility:hidden}'), bothLooks, /./],
  ['text that is hardly seen', style('p{color:#ddd!important}'), (page) => accessible(page, 'light'), /color-contrast/],
  ['text in a picture that is hardly seen', style('svg .axis{fill:#bbb}'), (page) => accessible(page, 'light'), /pictures/],
  ['a page without a language', replace('<html lang="en">', '<html>'), (page) => accessible(page, 'light'), /html-has-lang/],
  ['an input without a label', replace(/<label for="ask-for">[^<]*<\/label>/, ''), (page) => accessible(page, 'light'), /label/],
  ['a name that executes', add('<img alt="" src="data:," onerror="alert(1)">'), names, /executed|elements|attributes/],
  ['a name as markup', add('<b>n0</b>'), names, /elements/],
  ['a name that is lost', replace(/>n0</g, '>n-0<'), names, /not shown/],
];

describe('checks find faults', { skip }, () => {
  for (const [i, [name, mutate, check, message]] of MUTANTS.entries()) {
    test(name, async () => {
      const file = path.join(folder, `mutant-${i}.html`);
      fs.writeFileSync(file, mutate(fs.readFileSync(report().file, 'utf8')));
      const first = check === names ? trap : undefined;
      await assert.rejects(opened(file, check, { first, timeout: 5_000 }), message);
      fs.rmSync(file);
    });
  }

  test('and nothing in the report itself', async () => {
    const { file } = report();
    for (const check of new Set(MUTANTS.map(([, , check]) => check))) {
      await opened(file, check, { first: check === names ? trap : undefined });
    }
  });
});
