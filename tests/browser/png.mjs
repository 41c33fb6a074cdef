// Pixels of a PNG file: what is needed to tell a picture of a page from an empty one.

import { inflateSync } from 'node:zlib';

/** Width, height and the bytes of the pixels, `channels` each. Only 8 bits a channel, not interlaced. */
export function decode(file) {
  let at = 8;
  let head;
  const data = [];
  while (at < file.length) {
    const length = file.readUInt32BE(at);
    const kind = file.toString('latin1', at + 4, at + 8);
    const body = file.subarray(at + 8, at + 8 + length);
    if (kind === 'IHDR') {
      head = { width: body.readUInt32BE(0), height: body.readUInt32BE(4), depth: body[8], color: body[9], interlaced: body[12] };
    } else if (kind === 'IDAT') {
      data.push(body);
    }
    at += 12 + length;
  }
  const channels = { 2: 3, 6: 4 }[head.color];
  if (head.depth !== 8 || !channels || head.interlaced) throw new Error(`a PNG of another kind: ${JSON.stringify(head)}`);
  const { width, height } = head;
  const raw = inflateSync(Buffer.concat(data));
  const line = width * channels;
  const pixels = Buffer.alloc(line * height);
  for (let y = 0; y < height; y += 1) {
    const filter = raw[y * (line + 1)];
    for (let x = 0; x < line; x += 1) {
      const left = x >= channels ? pixels[y * line + x - channels] : 0;
      const up = y ? pixels[(y - 1) * line + x] : 0;
      const corner = y && x >= channels ? pixels[(y - 1) * line + x - channels] : 0;
      let guess = 0;
      if (filter === 1) guess = left;
      else if (filter === 2) guess = up;
      else if (filter === 3) guess = (left + up) >> 1;
      else if (filter === 4) {
        const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
        guess = a <= b && a <= c ? left : b <= c ? up : corner;
      }
      pixels[y * line + x] = raw[y * (line + 1) + 1 + x] + guess;
    }
  }
  return { width, height, channels, pixels };
}

/** The colour of the background, how many colours there are, and how much is drawn on it. */
export function summary({ width, height, channels, pixels }) {
  const counts = new Map();
  const colour = (at) => (pixels[at] << 16) | (pixels[at + 1] << 8) | pixels[at + 2];
  for (let at = 0; at < pixels.length; at += channels) {
    counts.set(colour(at), (counts.get(colour(at)) ?? 0) + 1);
  }
  const [background] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a));
  const channel = (shift) => {
    const c = ((background >> shift) & 255) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  };
  const luminance = 0.2126 * channel(16) + 0.7152 * channel(8) + 0.0722 * channel(0);
  // Cards and shades of cells are not drawn on it.
  const far = (at) => [0, 1, 2].some((c) => Math.abs(pixels[at + c] - ((background >> (16 - 8 * c)) & 255)) > 110);
  const rows = new Set();
  let drawn = 0;
  for (let at = 0; at < pixels.length; at += channels) {
    if (far(at)) {
      drawn += 1;
      rows.add(Math.floor(at / channels / width));
    }
  }
  return { width, height, luminance, colours: counts.size, drawn: drawn / (width * height), rows: rows.size / height };
}
