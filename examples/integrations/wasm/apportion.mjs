// A pool of nodes in WebAssembly, for browsers and Node.js.
//
//   const module = await WebAssembly.compileStreaming(fetch("apportion_wasm.wasm"));
//   const pool = new Pool(module, "ring", [["10.0.0.1:80", 1], ["10.0.0.2:80", 2]]);
//   pool.owner("user:42");

export class Pool {
  #wasm;
  #names;

  /** @param {WebAssembly.Module} module  @param {string} algorithm  @param {[string, number][]} nodes */
  constructor(module, algorithm, nodes) {
    this.#wasm = new WebAssembly.Instance(module).exports;
    this.#names = nodes.map(([name]) => name);
    this.#write([algorithm, ...nodes.map(([name, weight]) => `${weight} ${name}`)].join("\n"));
    if (this.#wasm.open() < 0) throw new Error(new TextDecoder().decode(this.#read()));
  }

  /** The node that owns a key. */
  owner(key) {
    this.#write(key);
    return this.#names[this.#wasm.owner()];
  }

  /** The first nodes for a key, the owner first: where to go if one does not answer. */
  candidates(key, max) {
    this.#write(key);
    this.#wasm.candidates(max);
    const bytes = this.#read();
    const places = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return Array.from({ length: bytes.length / 4 }, (_, i) => this.#names[places.getUint32(4 * i, true)]);
  }

  /** Equal to that of the server's locator if both give the same answers. */
  get fingerprint() {
    return BigInt.asUintN(64, this.#wasm.fingerprint());
  }

  #write(text) {
    const bytes = new TextEncoder().encode(text);
    // Memory may have grown: it is looked up anew each time.
    const at = this.#wasm.buffer(bytes.length);
    new Uint8Array(this.#wasm.memory.buffer, at, bytes.length).set(bytes);
  }

  #read() {
    const length = this.#wasm.buffer_length();
    return new Uint8Array(this.#wasm.memory.buffer, this.#wasm.buffer(length), length);
  }
}
