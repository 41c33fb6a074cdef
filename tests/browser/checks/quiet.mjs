// The page asks for nothing, says nothing and opens nothing.

import assert from 'node:assert/strict';

export function quiet(seen) {
  const others = seen.requests.filter((url) => url.split('#')[0] !== seen.url && !/^(data|blob):/.test(url));
  assert.deepEqual(others, [], 'requests besides the file itself');
  assert.deepEqual(seen.errors, [], 'errors of the page');
  assert.deepEqual(seen.console, [], 'messages on the console');
  assert.deepEqual(seen.dialogs, [], 'dialogs');
  assert.equal(seen.pages, 0, 'windows that the page opened');
}
