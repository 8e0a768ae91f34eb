// The search box, and « Citer » that copies. Without this script every page is reached by links all the same.
"use strict";
(() => {
  const me = document.currentScript, root = me.dataset.racine;
  const box = document.querySelector(".recherche"), input = document.getElementById("q"), found = document.getElementById("trouve");
  // The words of a text in any alphabet, without accents: what `folded` of search.py does, letter for letter.
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/œ/g, "oe").replace(/æ/g, "ae").replace(/[^\p{L}\p{N}]+/gu, " ").trim();
  let loading = false;

  function load() {
    if (loading) return;
    loading = true;
    const script = document.createElement("script");
    script.src = root + me.dataset.index;
    script.onload = search;
    document.head.append(script);
  }

  // Every word asked for begins a word of the page; a code or a title that begins so comes first.
  function score(entry, words, asked) {
    const known = entry[3].split(" ");
    if (!words.every((word) => known.some((one) => one.startsWith(word)))) return 0;
    const title = plain(entry[0]);
    if (title === asked || words.length === 1 && known.includes(asked) && title.split(" ").pop() === asked) return 4;
    return title.startsWith(asked) ? 3 : words.every((word) => title.split(" ").some((one) => one.startsWith(word))) ? 2 : 1;
  }

  function search() {
    const asked = plain(input.value);
    found.replaceChildren();
    if (!asked || !window.INDEX) return;
    const words = asked.split(" ");
    const best = window.INDEX.map((entry) => [score(entry, words, asked), entry]).filter(([n]) => n).sort((a, b) => b[0] - a[0]).slice(0, 12);
    if (!best.length) {
      const none = document.createElement("p");
      none.textContent = "Aucune page ne répond.";
      found.append(none);
      return;
    }
    const list = document.createElement("ul");
    for (const [, [title, kind, path]] of best) {
      const item = document.createElement("li"), link = document.createElement("a"), small = document.createElement("small");
      link.href = root + path;
      link.textContent = title + " ";
      small.textContent = kind;
      link.append(small);
      item.append(link);
      list.append(item);
    }
    found.append(list);
  }

  box.hidden = false;
  input.addEventListener("focus", load);
  input.addEventListener("input", () => { load(); search(); });
  box.addEventListener("keydown", (event) => { if (event.key === "Escape") { input.value = ""; search(); input.focus(); } });

  document.addEventListener("click", (event) => {
    const link = event.target.closest(".f th a[href^='#']");
    if (!link || !navigator.clipboard) return;
    const row = link.closest("tr"), name = row.querySelector("th a").textContent, cell = row.querySelector("td"), day = cell.querySelector("i");
    // A unit is the table's, or stands before the link.
    const unit = row.closest("table").dataset.unite || link.parentNode.firstChild.textContent.trim();
    const value = `${cell.firstChild.textContent} (${unit}${day ? `, ${day.textContent}` : ""})`;
    const text = `${document.title} : ${name}, ${value}. ${link.href}`;
    navigator.clipboard.writeText(text).then(() => {
      const told = document.createElement("div");
      told.className = "copie";
      told.role = "status";
      told.textContent = "La citation est copiée.";
      document.body.append(told);
      setTimeout(() => told.remove(), 2500);
    }, () => {});
  });
})();
