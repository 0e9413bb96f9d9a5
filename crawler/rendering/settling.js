// Runs in every frame before the page's own scripts. Tells whether a page still waits for a timer or for data, so that
// rows put in late are not missed; and leaves out what must not be: windows of their own, connections past the browser.
(() => {
  const waiting = new Set();
  const set = window.setTimeout, clear = window.clearTimeout;
  // A page that keeps setting timers would never be done: so much waiting, in milliseconds, is granted to one page.
  let granted = 6000;
  window.setTimeout = function (work, delay, ...rest) {
    const wait = Math.max(0, Number(delay) || 0);
    if (typeof work !== "function" || wait > granted) return set.call(window, work, delay, ...rest);
    granted -= Math.max(1, wait);
    const id = set.call(window, function (...given) {
      waiting.delete(id);
      return work.apply(this, given);
    }, delay, ...rest);
    waiting.add(id);
    return id;
  };
  window.clearTimeout = function (id) {
    waiting.delete(id);
    return clear.call(window, id);
  };
  const repeat = window.setInterval, end = window.clearInterval;
  window.setInterval = function (work, delay, ...rest) {
    const wait = Math.max(0, Number(delay) || 0);
    if (typeof work !== "function" || wait > granted) return repeat.call(window, work, delay, ...rest);
    granted -= Math.max(1, wait);
    const id = repeat.call(window, function (...given) {
      waiting.delete(id);
      return work.apply(this, given);
    }, delay, ...rest);
    waiting.add(id);
    return id;
  };
  window.clearInterval = function (id) {
    waiting.delete(id);
    return end.call(window, id);
  };
  // What is asked for counts as on its way until the page has had time to put it in; only the page knows that.
  let asked = 0;
  const came = () => set.call(window, () => asked--, 100);
  const get = window.fetch;
  window.fetch = function (...what) {
    const answer = get.apply(this, what);
    asked++;
    answer.then(came, came);
    return answer;
  };
  const send = XMLHttpRequest.prototype.send;
  XMLHttpRequest.prototype.send = function (...what) {
    const sent = send.apply(this, what);
    if (this.readyState !== 4) {
      asked++;
      this.addEventListener("loadend", came, { once: true });
    }
    return sent;
  };
  window.open = () => null;
  for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection", "WebTransport", "SharedWorker"]) delete window[name];
  Object.defineProperty(window, "__nianbao", {
    value: () => [
      document.readyState === "complete" ? 1 : 0,
      waiting.size + asked,
      document.getElementsByTagName("*").length,
      document.links.length,
      document.body ? document.body.textContent.length : 0,
    ],
  });
})();
