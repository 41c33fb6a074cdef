// The programs that write reports, and the browser that opens them without a network.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const TARGET = process.env.CARGO_TARGET_DIR ?? path.join(ROOT, 'target');

/** Why the tests cannot run on this machine; `false` if they can, or if they must. */
export const skip =
  process.env.APPORTION_REQUIRE_SERVERS === '1' || fs.existsSync(CHROMIUM)
    ? false
    : `no browser: ${CHROMIUM} is missing (install Debian's chromium, or set CHROMIUM)`;

/** A folder that is gone when the tests of this file end. */
export const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'apportion-browser-'));
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));

export function program(name) {
  const file = path.join(TARGET, 'release/examples', name);
  if (!fs.existsSync(file)) {
    throw new Error(`${file} is missing: run cargo build --release --example ${name}`);
  }
  return file;
}

/** Runs an example in the folder of this test; ends the test if it fails. */
export function run(name, args, input = '') {
  const ended = spawnSync(program(name), args, { cwd: folder, input, encoding: 'utf8', maxBuffer: 1 << 30 });
  if (ended.status !== 0) {
    throw new Error(`${name} ${args.join(' ')} ended with ${ended.status}: ${ended.stderr}`);
  }
  return ended.stdout;
}

/** A report of `plan`: the scenario and the file as the checks want them. */
export function planReport(name, scenario, args = []) {
  const source = path.join(folder, `${name}.json`);
  const file = path.join(folder, `${name}.html`);
  fs.writeFileSync(source, JSON.stringify(scenario));
  const all = [source, ...args];
  run('plan', [...all, '--html', file]);
  return { kind: 'plan', name, scenario, args: all, file };
}

let browser;

/** The one browser of a test file, with a new and empty profile. */
export async function launch() {
  browser ??= await chromium.launch({
    executablePath: CHROMIUM,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  return browser;
}

export async function close() {
  await browser?.close();
  browser = undefined;
}

/**
 * Opens a file and runs `use(page, seen)`. Every request but the file's own is refused; `seen` has all
 * that the page asked for, said or threw. `first` runs before any script of the page.
 */
export async function opened(file, use, { first, timeout = 30_000, ...options } = {}) {
  const context = await (await launch()).newContext({
    viewport: { width: 1280, height: 900 },
    acceptDownloads: true,
    // Links and focus lead to their place at once.
    reducedMotion: 'reduce',
    ...options,
  });
  context.setDefaultTimeout(timeout);
  const url = pathToFileURL(file).href;
  const seen = { url, requests: [], console: [], errors: [], dialogs: [], pages: 0 };
  try {
    await context.route('**/*', (route) =>
      route.request().url().split('#')[0] === url ? route.continue() : route.abort(),
    );
    context.on('request', (request) => seen.requests.push(request.url()));
    if (first) await context.addInitScript(first);
    const page = await context.newPage();
    context.on('page', () => (seen.pages += 1));
    page.on('console', (message) => seen.console.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => seen.errors.push(error.message));
    page.on('dialog', (dialog) => {
      seen.dialogs.push(dialog.message());
      dialog.dismiss().catch(() => {});
    });
    const start = performance.now();
    await page.goto(url, { waitUntil: 'load' });
    await page.locator('main section').first().waitFor({ state: 'visible' });
    // Without script no frame is announced.
    if (options.javaScriptEnabled !== false) {
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    }
    seen.milliseconds = performance.now() - start;
    return await use(page, seen);
  } finally {
    await context.close();
  }
}

/** Opens everything that opens. */
export async function openAll(page) {
  await page.evaluate(() => document.querySelectorAll('details').forEach((details) => (details.open = true)));
}
