// check-proofs.js CLIENT_DIR FILE: holds proofs of our log against an independent client (npm's @sigstore/verify,
// brought by get-tlog-client.sh). FILE is JSON: {"logKey": vkey, "proofs": [{"leaf": base64url, "proof": tlog-proof}]}.
// Each must hold, and must fail once a bit of its leaf, of its root or of its signature is changed.
'use strict';
const { createPublicKey } = require('node:crypto');
const { readFileSync } = require('node:fs');
const { resolve, join } = require('node:path');

const dist = join(resolve(process.argv[2]), 'node_modules', '@sigstore', 'verify', 'dist', 'timestamp');
const { verifyMerkleInclusion } = require(join(dist, 'merkle.js'));
const { verifyCheckpoint } = require(join(dist, 'checkpoint.js'));
const input = JSON.parse(readFileSync(process.argv[3], 'utf8'));

// name+id+base64(type || key); the client wants an SPKI key and finds it by the id in front of its log id.
const [, id, material] = input.logKey.match(/^[^+]+\+([0-9a-f]{8})\+(.+)$/);
const spki = Buffer.concat([
  Buffer.from('302a300506032b6570032100', 'hex'),
  Buffer.from(material, 'base64').subarray(1),
]);
const log = {
  logID: Buffer.concat([Buffer.from(id, 'hex'), Buffer.alloc(28)]),
  publicKey: createPublicKey({ key: spki, format: 'der', type: 'spki' }),
  validFor: { start: new Date(0), end: new Date(8.64e15) },
};

function entryOf({ leaf, proof }) {
  const at = proof.indexOf('\n\n');
  const [header, index, ...hashes] = proof.slice(0, at).split('\n');
  if (header !== 'c2sp.org/tlog-proof@v1') throw new Error('not a tlog-proof: ' + header);
  const envelope = proof.slice(at + 2);
  const [, size, root] = envelope.split('\n');
  return {
    canonicalizedBody: Buffer.from(leaf, 'base64url'),
    integratedTime: '1',
    inclusionProof: {
      logIndex: index.slice('index '.length),
      treeSize: size,
      hashes: hashes.map((hash) => Buffer.from(hash, 'base64')),
      rootHash: Buffer.from(root, 'base64'),
      checkpoint: { envelope },
    },
  };
}

function check(entry) {
  verifyMerkleInclusion(entry);
  verifyCheckpoint(entry, [log]);
}

function mustFail(what, entry) {
  try {
    check(entry);
  } catch (expected) {
    return;
  }
  throw new Error('the client accepts a changed ' + what);
}

for (const proof of input.proofs) {
  check(entryOf(proof));
  const otherLeaf = entryOf(proof);
  otherLeaf.canonicalizedBody[0] ^= 1;
  mustFail('leaf', otherLeaf);
  const otherSize = entryOf(proof);
  otherSize.inclusionProof.checkpoint.envelope =
    otherSize.inclusionProof.checkpoint.envelope.replace(/\n([0-9]+)\n/, (line, n) => `\n${+n + 1}\n`);
  mustFail('checkpoint', otherSize);
}
console.log(`${input.proofs.length} proofs hold`);
