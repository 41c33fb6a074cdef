// Names of nodes and steps are text wherever they stand: none becomes markup, script or style.

import assert from 'node:assert/strict';

/** Runs in the page before anything else of it. */
export function trap() {
  globalThis.executed = [];
  for (const name of ['alert', 'confirm', 'prompt', 'open']) {
    globalThis[name] = (text) => globalThis.executed.push(`${name}(${text})`);
  }
}

export async function harmless(page, names, labels) {
  const found = await page.evaluate(() => ({
    executed: globalThis.executed,
    scripts: [...document.scripts].map((script) => script.type),
    strange: [...document.querySelectorAll('img,iframe,object,embed,link:not([rel=icon]),base,meta[http-equiv],audio,video,b,foreignObject')]
      .map((element) => element.outerHTML.slice(0, 100)),
    handlers: [...document.querySelectorAll('*')].flatMap((element) =>
      [...element.attributes].filter((attribute) => /^on/i.test(attribute.name) ||
        (/^(xlink:)?(href|src|srcdoc|action|formaction|data|style)$/i.test(attribute.name) && /script:|expression/i.test(attribute.value)))
        .map((attribute) => `${element.tagName} ${attribute.name}=${attribute.value.slice(0, 60)}`)),
    text: [...document.querySelectorAll('td,th,h3,text')].map((element) => element.textContent.trim()),
    styles: document.querySelectorAll('style').length,
    title: document.title,
  }));
  assert.deepEqual(found.executed, [], 'names were executed');
  assert.deepEqual(found.scripts, ['application/json', ''], 'scripts of the page');
  assert.deepEqual(found.strange, [], 'elements that no report has');
  assert.deepEqual(found.handlers, [], 'attributes that execute');
  assert.equal(found.styles, 1);
  for (const name of names) {
    // Long names are cut.
    const start = name.trim().slice(0, 40);
    assert.ok(found.text.some((text) => text.startsWith(start)), `${JSON.stringify(name)} is not shown as text`);
  }
  for (const label of labels) {
    assert.ok(found.text.some((text) => text.includes(label.trim())), `step ${JSON.stringify(label)} is not shown as text`);
  }
}
