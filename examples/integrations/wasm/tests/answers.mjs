// Prints the answers of the module for the test: node answers.mjs MODULE ALGORITHM…
import { readFileSync } from "node:fs";
import { Pool } from "../apportion.mjs";

const module = new WebAssembly.Module(readFileSync(process.argv[2]));
const KEYS = 10_000;
const nodes = (weight) => Array.from({ length: 12 }, (_, i) => [`node-${i}`, weight(i)]);
const key = (i) => `Schlüssel ${i}`;

for (const name of process.argv.slice(3)) {
  let pool;
  try {
    pool = new Pool(module, name, nodes((i) => 1 + (i % 3)));
  } catch (error) {
    console.log(`${name} refuses: ${error.message}`);
    pool = new Pool(module, name, nodes(() => 1));
  }
  const answers = Array.from({ length: KEYS }, (_, i) => pool.owner(key(i)));
  for (let i = 0; i < 100; i++) answers.push(...pool.candidates(key(i), 5));
  console.log(`${name} ${pool.fingerprint} ${answers.join(" ")}`);
}
try {
  new Pool(module, "bush", []);
} catch (error) {
  console.log(error.message);
}
