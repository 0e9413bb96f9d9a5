// The list of the sandbox's portal that is built by script alone: signed requests, answers in a shape of their own.
const app = document.getElementById("app");
const sign = (c, p) => [...`${c}|${p}|gateway`].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 99991, 7);
const ask = (p) =>
  fetch("/gateway", { method: "POST", body: JSON.stringify({ m: "nr.lb", c: app.dataset.c, p, s: sign(app.dataset.c, p) }) })
    .then((answer) => answer.json());
const day = (number) => new Date(number * 864e5).toISOString().slice(0, 10);

function put(found) {
  app.querySelector(".wait")?.remove();
  let list = app.querySelector("ul");
  if (!list && found.k.length) {
    app.innerHTML = "<ul></ul><p class='count'></p>";
    list = app.querySelector("ul");
  }
  found.k.forEach((key, index) => {
    const row = document.createElement("li");
    row.innerHTML = `<a target="_blank" href="/gk/d/${key}.html"></a><span>${day(found.r[index])}</span>`;
    row.firstChild.textContent = [...found.b[index]].reverse().join("");
    list.append(row);
  });
  if (list) app.querySelector(".count").textContent = `共 ${found.q} 条`;
  return found.more;
}

// The first rows at once, all others a moment later.
async function rest(page) {
  if (await ask(page).then(put)) await rest(page + 1);
}
ask(1).then(put).then((more) => more && setTimeout(rest, 1200, 2));
