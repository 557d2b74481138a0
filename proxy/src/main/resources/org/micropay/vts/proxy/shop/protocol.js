// Tickets to the byte, as docs/PROTOCOL.md defines them: terms, escrow script, digests, signatures, win rule.
// Pure functions over Uint8Array. SHA-256, HMAC and randomness are WebCrypto's, the curve is @noble/secp256k1's;
// loading this module fails when either is missing.
import {getPublicKey, signAsync} from '/page/secp256k1.js';

const TERMS_BYTES = 130;
const KEY_BYTES = 33;
const SEQUENCE = 0xfffffffd;
const SIGHASH_SINGLE_ANYONECANPAY = 0x83;

/** P2P magic, as its bytes travel, to the network's name. */
const NETWORKS = {
  f9beb4d9: 'mainnet',
  '0b110907': 'testnet3',
  '1c163f28': 'testnet4',
  '0a03cf40': 'signet',
  fabfb5da: 'regtest',
};

// ---- bytes

export function hex(bytes) {
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}

export function fromHex(text) {
  if (!/^([0-9a-f]{2})*$/.test(text)) {
    throw new Error('not lower-case hex digits');
  }
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

export function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/** Takes only the one text that encoding gives. */
export function fromBase64url(text) {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) {
    throw new Error('not base64url');
  }
  const padded = text.replaceAll('-', '+').replaceAll('_', '/') + '='.repeat((4 - (text.length % 4)) % 4);
  const bytes = Uint8Array.from(atob(padded), (c) => c.charCodeAt(0));
  if (base64url(bytes) !== text) {
    throw new Error('base64url with stray bits');
  }
  return bytes;
}

function concat(...parts) {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

export function equal(a, b) {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

function u32(value) {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function u64(value) {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes;
}

// ---- hashes

async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

async function sha256d(bytes) {
  return sha256(await sha256(bytes));
}

async function taggedHash(tag, bytes) {
  const inner = await sha256(new TextEncoder().encode(tag));
  return sha256(concat(inner, inner, bytes));
}

// ---- escrow

/** The 130 bytes of section 3, taken apart; value and payout are BigInt. */
export function decodeTerms(bytes) {
  if (bytes.length !== TERMS_BYTES) {
    throw new Error(`terms have ${TERMS_BYTES} bytes, not ${bytes.length}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const terms = {
    bytes,
    network: NETWORKS[hex(bytes.subarray(0, 4))],
    outpoint: bytes.subarray(4, 40),
    value: view.getBigUint64(40, true),
    payout: view.getBigUint64(48, true),
    odds: view.getUint32(56, true),
    refundHeight: view.getUint32(60, true),
    buyerKey: bytes.subarray(64, 64 + KEY_BYTES),
    vtsKey: bytes.subarray(64 + KEY_BYTES),
  };
  const inRange =
    terms.value >= 330n &&
    terms.value <= 2_100_000_000_000_000n &&
    terms.payout >= 294n &&
    terms.payout <= terms.value &&
    terms.odds >= 1 &&
    terms.odds < 2 ** 31 &&
    terms.refundHeight >= 1 &&
    terms.refundHeight < 500_000_000;
  if (!terms.network || !inRange) {
    throw new Error('terms name an unknown network or a number out of range');
  }
  return terms;
}

export function termsDigest(terms) {
  return taggedHash('vts/terms/1', terms.bytes);
}

/** The compressed public key of a secret one. */
export function publicKey(secret) {
  return getPublicKey(secret, true);
}

/** A number as its shortest push. */
function pushNumber(value) {
  if (value <= 16) {
    return Uint8Array.of(0x50 + value);
  }
  const bytes = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) {
    bytes.push(rest % 256);
  }
  if (bytes.at(-1) >= 0x80) {
    bytes.push(0);
  }
  return Uint8Array.of(bytes.length, ...bytes);
}

function witnessScript(terms) {
  return concat(
    Uint8Array.of(KEY_BYTES),
    terms.buyerKey,
    Uint8Array.of(0xad, KEY_BYTES),
    terms.vtsKey,
    Uint8Array.of(0xac, 0x73, 0x64),
    pushNumber(terms.refundHeight),
    Uint8Array.of(0xb1, 0x68),
  );
}

/** What the release's signature commits to (BIP 143, SINGLE|ANYONECANPAY). */
async function spendDigest(terms, payoutScript) {
  const script = witnessScript(terms);
  const output = concat(u64(terms.payout), Uint8Array.of(payoutScript.length), payoutScript);
  return sha256d(
    concat(
      u32(3),
      new Uint8Array(64),
      terms.outpoint,
      Uint8Array.of(script.length),
      script,
      u64(terms.value),
      u32(SEQUENCE),
      await sha256d(output),
      u32(0),
      u32(SIGHASH_SINGLE_ANYONECANPAY),
    ),
  );
}

// ---- tickets

/** 64 bytes, r || s with low s, RFC 6979 nonce, over the digest as it stands. */
function sign(digest, secret) {
  return signAsync(digest, secret, {prehash: false, lowS: true, extraEntropy: false, format: 'compact'});
}

/** Takes an ask apart: commitment, payout script. */
export function decodeAsk(bytes) {
  if (![54, 55, 57, 66].includes(bytes.length)) {
    throw new Error(`an ask has 54, 55, 57 or 66 bytes, not ${bytes.length}`);
  }
  return {commitment: bytes.subarray(0, 32), payoutScript: bytes.subarray(32)};
}

/** The ticket's bytes (section 6). r2: 16 random bytes, drawn once the ask is known. */
export async function signTicket(secret, terms, ask, r2, expiry) {
  const {commitment, payoutScript} = decodeAsk(ask);
  const body = concat(
    await termsDigest(terms),
    commitment,
    r2,
    u32(expiry),
    Uint8Array.of(payoutScript.length),
    payoutScript,
  );
  const ticketSignature = await sign(await taggedHash('vts/ticket/1', body), secret);
  const spendSignature = await sign(await spendDigest(terms, payoutScript), secret);
  return concat(body, ticketSignature, spendSignature);
}

/** Whether r1 and r2 win 1 in odds: the first 8 bytes of their XOR lie below 2^64 / odds. */
export function wins(r1, r2, odds) {
  let u = 0n;
  for (let i = 0; i < 8; i++) {
    u = (u << 8n) | BigInt(r1[i] ^ r2[i]);
  }
  return u * BigInt(odds) < 1n << 64n;
}

/** Whether an opening (r1 || s) is the one of the ticket's commitment and proves that it lost. */
export async function provesLoss(opening, ticket, odds) {
  if (opening.length !== 32) {
    return false;
  }
  const ours = equal(await taggedHash('vts/commitment/1', opening), ticket.subarray(32, 64));
  return ours && !wins(opening.subarray(0, 16), ticket.subarray(64, 80), odds);
}

// ---- money

/** Expected value of a ticket in billionths of a satoshi, rounded up. */
export function ticketWorth(terms) {
  const odds = BigInt(terms.odds);
  return (terms.payout * 1_000_000_000n + odds - 1n) / odds;
}

/** Whether a ticket's expected value covers a price in millisatoshi, without rounding. */
export function covers(terms, priceMsat) {
  return terms.payout * 1000n >= BigInt(priceMsat) * BigInt(terms.odds);
}

// ---- HTTP

/** name=value parameters of HTTP authentication; values with or without quotes. */
export function parseParameters(text) {
  const values = {};
  const parameter = /\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([!#$%&'*+.^_`|~0-9A-Za-z-]+))\s*(,|$)/y;
  while (parameter.lastIndex < text.length) {
    const found = parameter.exec(text);
    const name = found?.[1].toLowerCase();
    if (!found || name in values) {
      throw new Error('the shop sent parameters that cannot be read');
    }
    values[name] = found[2] === undefined ? found[3] : found[2].replace(/\\(.)/g, '$1');
  }
  return values;
}

function decimal(values, name, otherwise) {
  const text = values[name] ?? otherwise;
  if (!/^[0-9]{1,16}$/.test(text ?? '') || !Number.isSafeInteger(Number(text))) {
    throw new Error(`the challenge's ${name} is not a number`);
  }
  return Number(text);
}

/** The challenge of docs/PAYING.md, section 2, out of a WWW-Authenticate header. */
export function parseChallenge(header) {
  const start = /(?:^|,\s*)VTS-Ticket +/i.exec(header ?? '');
  if (!start) {
    throw new Error('the shop does not ask for a ticket');
  }
  const values = parseParameters(header.slice(start.index + start[0].length));
  if (values.version !== '1' || !/^[0-9a-f]{16}$/.test(values.counter ?? '')) {
    throw new Error('the shop asks for a ticket of another version');
  }
  return {
    network: values.network,
    vtsKey: values['vts-key'],
    priceMsat: decimal(values, 'price'),
    counter: values.counter,
    ask: fromBase64url(values.ask ?? ''),
    askExpires: decimal(values, 'ask-expires'),
    minExpiry: decimal(values, 'min-expiry'),
    minOdds: decimal(values, 'min-odds', '1'),
    maxOdds: decimal(values, 'max-odds', '2147483647'),
    error: values.error,
  };
}
