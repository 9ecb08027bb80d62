"use strict";
(() => {
  const all = (selector) => Array.from(document.querySelectorAll(selector));
  const results = all(".result");
  const buttons = all("[data-show]");
  const find = document.getElementById("find");
  const said = document.getElementById("shown");
  document.documentElement.classList.add("js");
  document.getElementById("filters").hidden = results.length === 0;

  // What is shown lives in the address: #show=fail,unknown&find=search
  const read = () => {
    const hash = location.hash.slice(1);
    const given = new URLSearchParams(/^(show|find)=/.test(hash) ? hash : "");
    return { show: (given.get("show") || "").split(",").filter(Boolean), find: given.get("find") || "" };
  };

  const write = (show, text) => {
    const parts = [];
    if (show.length) parts.push("show=" + show.map(encodeURIComponent).join(","));
    if (text) parts.push("find=" + encodeURIComponent(text));
    history.replaceState(null, "", "#" + (parts.join("&") || "results"));
    apply();
  };

  const apply = () => {
    const { show, find: text } = read();
    const wanted = text.toLowerCase();
    let count = 0;
    for (const result of results) {
      const fits = (!show.length || show.includes(result.dataset.status))
        && result.textContent.toLowerCase().includes(wanted);
      result.hidden = !fits;
      count += fits ? 1 : 0;
    }
    for (const group of all(".group")) group.hidden = !group.querySelector(".result:not([hidden])");
    for (const button of buttons) button.setAttribute("aria-pressed", String(show.includes(button.dataset.show)));
    if (find.value !== text) find.value = text;
    said.textContent = count + " of " + results.length + " shown";
  };

  const arrive = () => {
    apply();
    let target = null;
    try {
      target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    } catch (error) {
      if (!(error instanceof URIError)) throw error;
    }
    if (!target) return;
    if (target instanceof HTMLDetailsElement) target.open = true;
    target.scrollIntoView();
    target.focus({ preventScroll: true });
  };

  for (const button of buttons) {
    button.addEventListener("click", () => {
      const { show, find: text } = read();
      const own = button.dataset.show;
      write(show.includes(own) ? show.filter((item) => item !== own) : [...show, own], text);
    });
  }
  find.addEventListener("input", () => write(read().show, find.value));
  document.getElementById("all").addEventListener("click", () => write([], ""));
  window.addEventListener("hashchange", arrive);

  // The clipboard is not there in every browser for a page opened from a file.
  const copy = async (code) => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      return true;
    } catch {
      const range = document.createRange();
      range.selectNodeContents(code);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      return document.execCommand("copy");
    }
  };
  for (const box of all(".command")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.setAttribute("aria-label", "Copy " + box.firstElementChild.getAttribute("aria-label"));
    button.addEventListener("click", async () => {
      button.textContent = (await copy(box.querySelector("code"))) ? "Copied" : "Selected";
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
    box.append(button);
  }

  // On paper nothing is folded.
  let folded = [];
  window.addEventListener("beforeprint", () => {
    folded = all("details:not([open])");
    for (const item of folded) item.open = true;
  });
  window.addEventListener("afterprint", () => { for (const item of folded) item.open = false; });

  arrive();
})();
