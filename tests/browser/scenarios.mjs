// The scenarios whose reports are tested.

/** Nodes `n0`, `n1`, … over `zones` zones, numbered in turns. */
function zoned(count, zones, more = () => ({})) {
  return Array.from({ length: count }, (_, i) => ({ id: `n${i}`, zone: `z${i % zones}`, ...more(i) }));
}

/** Everything a page can show: leaders, sizes, capacities, a lost node, a drained one, more than 40 nodes. */
export function rich() {
  const nodes = zoned(60, 5, (i) => ({ weight: 1 + (i % 3), slots: 60 }));
  const sizes = Array.from({ length: 512 }, (_, p) => [p, 1000 + ((p * 7919) % 5000)]);
  const without = nodes.filter((node) => node.id !== 'n7');
  const drained = without.map((node) => (node.id === 'n11' ? { ...node, weight: 0 } : node));
  const zone = Array.from({ length: 12 }, (_, i) => ({ id: `m${i}`, zone: 'z5', weight: 2, slots: 60 }));
  return {
    levels: ['zone'],
    max_per_domain: { zone: 1 },
    partitions: 512,
    replicas: 3,
    steps: [
      { label: 'first', nodes, leaders: true, sizes },
      { label: 'n7 is lost', nodes: without },
      { label: 'n11 is drained', nodes: drained },
      { label: 'a zone more', nodes: [...drained, ...zone] },
      { label: 'nothing', nodes: [...drained, ...zone] },
    ],
  };
}

/** Names that would end their place in markup, in scripts, in attributes or in CSV files. */
export const HOSTILE = [
  '<script>alert(1)</script>',
  '</script><img src=x onerror=alert(2)>',
  '"><svg onload=alert(3)>',
  "' onmouseover='alert(4)",
  '&lt;b&gt; &amp; &',
  '</title></style><!--',
  ']]>--><?php',
  'שלום עולם',
  '\u202Eevil\u202C rtl',
  '🚀👩‍👩‍👧‍👦 emoji',
  'javascript:alert(5)',
  '{{7*7}} ${7*7} `x`',
  '=1+1',
  'a "quoted" name',
  'back\\slash',
  'é\u0301 combining',
  'W'.repeat(200),
  ' spaces  inside ',
  '__proto__',
  'constructor',
];

/** A small cluster of nodes with hostile names, in zones with hostile names. */
export function hostile() {
  const nodes = HOSTILE.map((id, i) => ({ id, zone: HOSTILE[i % 5] }));
  return {
    levels: ['zone'],
    max_per_domain: { zone: 1 },
    partitions: 128,
    replicas: 2,
    steps: [
      { label: '</script><script>alert(6)</script>', nodes },
      { label: '"><img src=x onerror=alert(7)> & more', nodes: nodes.slice(1) },
      { label: 'שלום & 🚀', nodes: [...nodes, { id: '</desc></svg><script>alert(8)</script>', zone: HOSTILE[0] }] },
    ],
  };
}

/** Three tables over the same nodes; one node is lost, and a zone comes. */
export function joint() {
  const nodes = zoned(12, 4);
  const zone = Array.from({ length: 3 }, (_, i) => ({ id: `m${i}`, zone: 'z4' }));
  return {
    levels: ['zone'],
    max_per_domain: { zone: 1 },
    tables: [
      { name: 'orders', partitions: 48, replicas: 3 },
      { name: 'users', partitions: 96, replicas: 2 },
      { name: '<b>logs', partitions: 16, replicas: 1, max_per_domain: {} },
    ],
    steps: [
      { label: 'first', nodes, leaders: true },
      { label: 'a zone more, and n5 is lost', nodes: [...nodes.filter(({ id }) => id !== 'n5'), ...zone] },
    ],
  };
}

/** 1000 equal nodes in 10 zones and 2^18 partitions; then another zone of 100 nodes. */
export function large() {
  const nodes = zoned(1000, 10, () => ({ weight: 100 }));
  const zone = Array.from({ length: 100 }, (_, i) => ({ id: `m${i}`, zone: 'z10', weight: 100 }));
  return {
    levels: ['zone'],
    max_per_domain: { zone: 1 },
    partitions: 1 << 18,
    replicas: 3,
    steps: [
      { label: 'init', nodes },
      { label: 'a zone more', nodes: [...nodes, ...zone] },
    ],
  };
}
