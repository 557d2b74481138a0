// The page: shows the wallet, the articles and what was bought.
import {PaymentError, Wallet} from '/page/wallet.js';

const MAX_FILE_BYTES = 10_000;
const $ = (id) => document.getElementById(id);
const wallet = new Wallet(localStorage);
let catalog;

/** Billionths of a satoshi as text: at least three decimals, more where they are not zero. */
function satoshi(nano, least = 3) {
  const fraction = (nano % 1_000_000_000n).toString().padStart(9, '0');
  const kept = fraction.replace(/0+$/, '').padEnd(least, '0');
  const whole = (nano / 1_000_000_000n).toLocaleString('en');
  return `${kept ? `${whole}.${kept}` : whole} sat`;
}

function nanoOf(text) {
  const found = /^(\d{1,9})(?:\.(\d{0,9}))?$/.exec(text.trim());
  return found && BigInt(found[1]) * 1_000_000_000n + BigInt((found[2] ?? '').padEnd(9, '0'));
}

const PHASES = {
  NONE: 'no escrow',
  FREE: 'ready to pay',
  OUTSTANDING: 'a ticket is on its way',
  WON: 'used up: a ticket won',
  SPENT: 'spent',
};

function show() {
  const view = wallet.view();
  const {terms} = view;
  $('state').textContent = PHASES[view.phase];
  $('state').dataset.phase = view.phase;
  $('value').textContent = terms ? `${terms.value.toLocaleString('en')} sat` : '–';
  $('payout').textContent = terms ? `${terms.payout.toLocaleString('en')} sat` : '–';
  $('odds').textContent = terms ? `1 in ${terms.odds.toLocaleString('en')}` : '–';
  $('worth').textContent = terms ? satoshi(view.worthNano) : '–';
  $('network').textContent = terms ? terms.network : '–';
  $('tickets').textContent = view.tickets.toLocaleString('en');
  $('wins').textContent = view.wins.toLocaleString('en');
  $('cost').textContent = satoshi(view.costNano);
  $('meter').max = Number(view.limitNano) || 1;
  $('meter').value = Math.min(Number(view.costNano), $('meter').max);
  $('meter').textContent = `${satoshi(view.costNano)} of ${satoshi(view.limitNano)}`;
  if (document.activeElement !== $('limit')) {
    $('limit').value = satoshi(view.limitNano, 0).replace(/ sat|,/g, '');
  }
  const empty = view.phase === 'NONE';
  $('get').hidden = !catalog?.testEscrows || !empty;
  $('choose').hidden = !empty;
  $('remove').hidden = empty;
}

function tell(text, kind = 'note') {
  $('status').textContent = kind === 'error' ? '' : text;
  $('error').textContent = kind === 'error' ? text : '';
}

function fail(error) {
  const known = error instanceof PaymentError;
  $('error').dataset.code = known ? error.code : 'UNEXPECTED';
  tell(known ? error.message : `That did not work: ${error.message}`, 'error');
}

/** Runs one action with its button switched off, and shows how it ended. */
async function run(button, action) {
  button.setAttribute('aria-busy', 'true');
  try {
    await action();
  } catch (error) {
    fail(error);
  } finally {
    button.removeAttribute('aria-busy');
    show();
  }
}

function ask(title, text, yes) {
  const dialog = $('dialog');
  $('dialog-title').textContent = title;
  $('dialog-text').textContent = text;
  $('dialog-yes').textContent = yes;
  dialog.returnValue = 'no';
  dialog.showModal();
  $('dialog-no').focus();
  return new Promise((answer) => {
    dialog.addEventListener('close', () => answer(dialog.returnValue === 'yes'), {once: true});
  });
}

function confirmPayment({priceNano, worthNano, costNano, limitNano}) {
  return ask(
    'Above your limit',
    `The price is ${satoshi(priceNano)} and a ticket costs ${satoshi(worthNano)} on average. You have spent ` +
      `${satoshi(costNano)}; your limit is ${satoshi(limitNano)}.`,
    'Pay this once',
  );
}

async function read(article, button) {
  tell('Paying …');
  const bought = await wallet.buy(article.path, confirmPayment);
  if (bought.late) {
    tell('The earlier ticket is settled. Press the button again to buy the article.');
    return;
  }
  const [title, ...paragraphs] = bought.text.trim().split(/\n\s*\n/);
  $('title').textContent = title;
  $('text').replaceChildren(
    ...paragraphs.map((text) => Object.assign(document.createElement('p'), {textContent: text.replaceAll('\n', ' ')})),
  );
  $('reader').hidden = false;
  $('reader').dataset.path = article.path;
  button.closest('li').dataset.read = 'true';
  tell(
    bought.outcome === 'won'
      ? 'Paid, and the ticket won: the shop gets the payout, and this escrow is used up.'
      : 'Paid. The ticket lost, so nothing was moved and the escrow is free for the next one.',
  );
  $('title').focus();
}

function list(articles) {
  $('articles').replaceChildren(
    ...articles.map((article) => {
      const item = $('article-item').content.firstElementChild.cloneNode(true);
      const button = item.querySelector('button');
      item.querySelector('h3').textContent = article.title;
      item.querySelector('p').textContent = article.teaser;
      const price = satoshi(BigInt(article.priceMsat) * 1_000_000n, 1);
      button.textContent = `Read for ${price}`;
      button.setAttribute('aria-label', `Read “${article.title}” for ${price}`);
      button.dataset.path = article.path;
      button.addEventListener('click', () => {
        if (!button.hasAttribute('aria-busy')) {
          run(button, () => read(article, button));
        }
      });
      return item;
    }),
  );
}

async function getEscrow() {
  tell('Funding an escrow on the test chain …');
  const response = await fetch('/test-escrow', {
    method: 'POST',
    headers: {'Content-Type': 'application/json'},
    body: '{}',
  }).catch(() => null);
  if (!response?.ok) {
    const problem = await response?.json().catch(() => null);
    throw new PaymentError('NO_TEST_ESCROW', problem?.detail ?? 'The shop has no escrow to give now.');
  }
  wallet.importEscrow(await response.json(), catalog.network);
  tell('A test escrow is in your wallet. Choose an article.');
}

async function importFile(file) {
  if (file.size > MAX_FILE_BYTES) {
    throw new PaymentError('NOT_AN_ESCROW', 'This file is too long for an escrow.');
  }
  let escrow;
  try {
    escrow = JSON.parse(await file.text());
  } catch (error) {
    throw new PaymentError('NOT_AN_ESCROW', 'This file is no escrow: it is not JSON.');
  }
  wallet.importEscrow(escrow, catalog.network);
  tell('The escrow is in your wallet. Choose an article.');
}

async function removeEscrow() {
  if (await ask('Remove the escrow?', 'Its key is deleted from this browser. Without a copy of the file, its test coins are lost.', 'Remove')) {
    wallet.removeEscrow();
    tell('The escrow is removed.');
  }
}

function listen() {
  $('get').addEventListener('click', () => run($('get'), getEscrow));
  $('remove').addEventListener('click', () => run($('remove'), removeEscrow));
  $('choose-button').addEventListener('click', () => $('file').click());
  $('file').addEventListener('change', () => {
    const [file] = $('file').files;
    $('file').value = '';
    if (file) {
      run($('choose-button'), () => importFile(file));
    }
  });
  $('limit').addEventListener('change', () => {
    const nano = nanoOf($('limit').value);
    $('limit').setAttribute('aria-invalid', String(nano === null));
    if (nano === null) {
      fail(new PaymentError('BAD_LIMIT', 'The limit is a number of satoshi, such as 5 or 2.5.'));
    } else {
      wallet.setLimit(nano);
      tell(`You pay without being asked up to ${satoshi(nano, 0)}.`);
    }
    show();
  });
  addEventListener('storage', show);
}

async function start() {
  const response = await fetch('/catalog');
  catalog = await response.json();
  if (catalog.network === 'mainnet') {
    throw new PaymentError('MAINNET', 'This page refuses mainnet: it is for test coins only.');
  }
  list(catalog.articles);
  listen();
  show();
  document.body.dataset.ready = 'true';
}

start().catch(fail);
