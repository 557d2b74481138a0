// A wallet of one test escrow, in this browser's storage: what it signs is stored before it is sent, and no second
// ticket is signed while the outcome of one is not known. The key never leaves the page.
import {
  base64url,
  covers,
  decodeTerms,
  equal,
  fromBase64url,
  fromHex,
  hex,
  parseChallenge,
  parseParameters,
  provesLoss,
  publicKey,
  signTicket,
  ticketWorth,
} from '/page/protocol.js';

const STORED = 'vts-wallet';
const ESCROW_TYPE = 'vts-test-escrow';
const MAX_SENDS = 3;
const PAUSE_MILLIS = 300;
const DEFAULT_LIMIT_NANO = '5000000000';
/** Seconds that this clock and the VTS's may differ. */
const CLOCK_SLACK = 3600;
const EXPIRY_AT = 80;
const EMPTY = {
  escrow: null,
  phase: 'NONE',
  outstanding: null,
  tickets: 0,
  wins: 0,
  costNano: '0',
  limitNano: DEFAULT_LIMIT_NANO,
};

/** Why nothing was bought; the code is a name of docs/PAYING.md, section 5, or the wallet's own. */
export class PaymentError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** Refusals in a reader's words; what is not here is shown as the shop worded it. */
const REFUSALS = {
  ESCROW_SPENT: 'This escrow is spent: a ticket of it has won, or its coins have moved. Use another escrow.',
  REFUND_TOO_NEAR: 'This escrow has expired: its refund height is too near. Use another escrow.',
  UNKNOWN_ESCROW: 'The VTS does not know this escrow. Register it, or use another.',
  ESCROW_UNCONFIRMED: 'The escrow’s coins are not confirmed yet. Wait for a block and try again.',
  VTS_UNAVAILABLE: 'The shop cannot reach the VTS now. Nothing is lost: try again and the same ticket is sent.',
  OVERLOADED: 'The shop is busy. Nothing is lost: try again and the same ticket is sent.',
  STORAGE: 'The shop cannot store wins now. Nothing is lost: try again and the same ticket is sent.',
  BAD_TICKET_SIGNATURE: 'The shop says that the ticket’s signature is wrong.',
  BAD_SPEND_SIGNATURE: 'The shop says that the ticket’s second signature is wrong.',
};

export class Wallet {
  #storage;
  #state;

  constructor(storage) {
    this.#storage = storage;
    this.#load();
  }

  #load() {
    this.#state = {...EMPTY, ...JSON.parse(this.#storage.getItem(STORED) ?? '{}')};
  }

  #save(changes) {
    Object.assign(this.#state, changes);
    this.#storage.setItem(STORED, JSON.stringify(this.#state));
  }

  /** What the page shows; amounts are BigInt, in billionths of a satoshi where they say Nano. */
  view() {
    this.#load();
    const {escrow, phase, tickets, wins, costNano, limitNano} = this.#state;
    const terms = escrow && decodeTerms(fromBase64url(escrow.terms));
    return {
      phase,
      terms,
      tickets,
      wins,
      worthNano: terms && ticketWorth(terms),
      costNano: BigInt(costNano),
      limitNano: BigInt(limitNano),
    };
  }

  setLimit(nano) {
    this.#load();
    this.#save({limitNano: nano.toString()});
  }

  /** Takes an escrow file in; another escrow must be removed first. */
  importEscrow(file, shopNetwork) {
    this.#load();
    if (this.#state.escrow) {
      throw new PaymentError('ESCROW_PRESENT', 'Remove the escrow that is in the wallet first.');
    }
    if (file?.type !== ESCROW_TYPE || file.version !== 1) {
      throw new PaymentError('NOT_AN_ESCROW', 'This is no escrow file of version 1; make one with “vts buyer export”.');
    }
    const terms = decodeTerms(fromBase64url(String(file.terms)));
    if (terms.network === 'mainnet' || file.network === 'mainnet') {
      throw new PaymentError('MAINNET', 'This page refuses mainnet: it is for test coins only.');
    }
    if (terms.network !== file.network || terms.network !== shopNetwork) {
      throw new PaymentError('WRONG_NETWORK', `The escrow is on ${terms.network}, the shop on ${shopNetwork}.`);
    }
    if (!/^[0-9a-f]{64}$/.test(file.secretKey) || !equal(publicKey(fromHex(file.secretKey)), terms.buyerKey)) {
      throw new PaymentError('WRONG_KEY', 'The file’s key is not the escrow’s.');
    }
    const {network, secretKey} = file;
    this.#save({escrow: {network, terms: file.terms, secretKey}, phase: 'FREE', outstanding: null});
  }

  /** Forgets the escrow and its key; the counts stay. */
  removeEscrow() {
    this.#save({escrow: null, phase: 'NONE', outstanding: null});
  }

  /**
   * Buys a page: {text, outcome}. Above the limit it asks `confirm({priceNano, worthNano, costNano, limitNano})`
   * first. One purchase at a time, over all tabs.
   */
  buy(path, confirm) {
    return navigator.locks.request(STORED, async () => {
      this.#load();
      this.#freeExpired();
      if (this.#state.outstanding) {
        const earlier = await this.#present();
        if (earlier.path === path) {
          return earlier;
        }
      }
      return this.#buy(path, confirm);
    });
  }

  #expiry() {
    const ticket = fromBase64url(this.#state.outstanding.ticket);
    return new DataView(ticket.buffer, ticket.byteOffset).getUint32(EXPIRY_AT, true);
  }

  /**
   * A ticket that nobody answered for is dead once it has expired: the VTS takes no claim for it any more. If it was
   * granted before, the shop learns so from the VTS and refuses the next one with ESCROW_SPENT.
   */
  #freeExpired() {
    if (this.#state.outstanding && Date.now() / 1000 > this.#expiry() + CLOCK_SLACK) {
      this.#save({phase: 'FREE', outstanding: null});
    }
  }

  async #buy(path, confirm) {
    this.#requireEscrow();
    let asked = await this.#ask(path);
    if (asked.text !== undefined) {
      return asked;
    }
    const {worthNano, costNano, limitNano} = this.view();
    if (costNano + worthNano > limitNano) {
      const priceNano = BigInt(asked.challenge.priceMsat) * 1_000_000n;
      if (!(await confirm({priceNano, worthNano, costNano, limitNano}))) {
        throw new PaymentError('LIMIT_REACHED', 'Your limit is reached; nothing was paid.');
      }
      asked = await this.#ask(path);
    }
    await this.#sign(path, asked.challenge);
    return this.#present();
  }

  #requireEscrow() {
    const {phase} = this.#state;
    if (phase === 'WON' || phase === 'SPENT') {
      throw new PaymentError('ESCROW_SPENT', REFUSALS.ESCROW_SPENT);
    }
    if (phase !== 'FREE') {
      throw new PaymentError('NO_ESCROW', 'There is no escrow in the wallet. Get or choose one first.');
    }
  }

  /** What the page costs, checked against the escrow before anything is signed. */
  async #ask(path) {
    const response = await this.#fetch(path, {});
    if (response.ok) {
      return {path, text: await response.text(), outcome: 'free'};
    }
    if (response.status !== 402) {
      throw await this.#refusal(response);
    }
    const challenge = parseChallenge(response.headers.get('www-authenticate'));
    const terms = decodeTerms(fromBase64url(this.#state.escrow.terms));
    if (challenge.network === 'mainnet' || challenge.network !== terms.network) {
      throw new PaymentError('WRONG_NETWORK', `The shop wants coins of ${challenge.network}; the escrow is on ${terms.network}.`);
    }
    if (challenge.vtsKey !== hex(terms.vtsKey)) {
      throw new PaymentError('WRONG_VTS_KEY', 'The shop trusts another VTS than the escrow names. Use another escrow.');
    }
    if (!covers(terms, challenge.priceMsat) || terms.odds < challenge.minOdds || terms.odds > challenge.maxOdds) {
      throw new PaymentError('PRICE_TOO_LOW', 'A ticket of this escrow does not cover the price. Use another escrow.');
    }
    return {challenge};
  }

  async #sign(path, challenge) {
    const {escrow, tickets, costNano} = this.#state;
    const terms = decodeTerms(fromBase64url(escrow.terms));
    const secret = fromHex(escrow.secretKey);
    const r2 = crypto.getRandomValues(new Uint8Array(16));
    const now = Math.floor(Date.now() / 1000);
    const expiry = Math.max(now, challenge.askExpires) + challenge.minExpiry;
    try {
      const ticket = await signTicket(secret, terms, challenge.ask, r2, expiry);
      this.#save({
        phase: 'OUTSTANDING',
        outstanding: {path, counter: challenge.counter, ticket: base64url(ticket)},
        tickets: tickets + 1,
        costNano: (BigInt(costNano) + ticketWorth(terms)).toString(),
      });
    } finally {
      secret.fill(0);
    }
  }

  /** Sends the outstanding ticket, again while the shop cannot take it, and learns its outcome. */
  async #present() {
    const {path, counter, ticket} = this.#state.outstanding;
    const headers = {Authorization: `VTS-Ticket counter=${counter}, ticket=${ticket}`};
    for (let sends = 1; ; sends++) {
      try {
        const response = await this.#fetch(path, {headers});
        const result = this.#result(response);
        const momentary = result ? result.reusable === '1' : [429, 503].includes(response.status);
        if (!momentary || sends === MAX_SENDS) {
          return await this.#learn(path, response, result);
        }
      } catch (error) {
        if (error.code !== 'UNREACHABLE' || sends === MAX_SENDS) {
          throw error;
        }
      }
      await new Promise((resume) => setTimeout(resume, PAUSE_MILLIS << (sends - 1)));
    }
  }

  #result(response) {
    const header = response.headers.get('vts-ticket-result');
    return header === null ? null : parseParameters(header);
  }

  async #learn(path, response, result) {
    const {escrow, outstanding, wins} = this.#state;
    const reusable = result?.reusable === '1';
    if (result?.outcome === 'won' && !reusable) {
      this.#save({phase: 'WON', outstanding: null, wins: wins + 1});
    } else if (result?.outcome === 'lost' && !reusable) {
      const {odds} = decodeTerms(fromBase64url(escrow.terms));
      const opening = fromBase64url(result.opening ?? '');
      if (!(await provesLoss(opening, fromBase64url(outstanding.ticket), odds))) {
        throw new PaymentError('NO_PROOF', 'The shop says that the ticket lost, and does not prove it. The escrow stays locked.');
      }
      this.#save({phase: 'FREE', outstanding: null});
    }
    if (response.ok) {
      return {path, text: await response.text(), outcome: result?.outcome ?? 'free'};
    }
    const refusal = await this.#refusal(response);
    if (refusal.code === 'ESCROW_SPENT' && !result) {
      this.#save({phase: 'SPENT', outstanding: null});
    }
    if (['REDEEMED', 'ASK_EXPIRED'].includes(refusal.code) && result) {
      return {path, outcome: result.outcome, late: true};
    }
    if (this.#state.outstanding && ![429, 503].includes(response.status)) {
      const free = new Date((this.#expiry() + CLOCK_SLACK) * 1000).toLocaleString();
      refusal.message += ` The shop has not told what became of the ticket: it is kept and sent again, until ${free}.`;
    }
    throw refusal;
  }

  async #refusal(response) {
    const problem = await response.json().catch(() => ({}));
    const code = problem.code ?? 'UNEXPECTED';
    const detail = problem.detail ?? `The shop answered with status ${response.status}.`;
    return new PaymentError(code, REFUSALS[code] ?? detail);
  }

  async #fetch(path, {headers = {}}) {
    try {
      return await fetch(path, {
        headers: {Accept: 'application/problem+json, text/plain', ...headers},
        cache: 'no-store',
        credentials: 'omit',
        redirect: 'error',
      });
    } catch (error) {
      throw new PaymentError('UNREACHABLE', 'The shop does not answer. Nothing is lost: try again.');
    }
  }
}
