// Loads the page's program, or says why it cannot: no signing library in this build, or a page that is not secure,
// where browsers withhold WebCrypto.
if (!globalThis.crypto?.subtle) {
  document.getElementById('error').textContent =
    'Browsers allow signing only over HTTPS or on this machine (localhost). Open the page that way.';
} else {
  import('/page/shop.js').catch(() => {
    document.getElementById('error').textContent =
      'The signing library is not in this build of the shop. Install npm and build it again.';
  });
}
