"use strict";
const field = document.querySelector("input[type=search]");
const operations = [...document.querySelectorAll("main details")];
function narrow() {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const each of operations) {
    each.hidden = !words.every((word) => each.dataset.words.includes(word));
    shown += each.hidden ? 0 : 1;
  }
  for (const group of document.querySelectorAll("main section.group")) {
    group.hidden = !group.querySelector("details:not([hidden])");
  }
  document.querySelector("#about").hidden = words.length > 0;
  document.body.classList.toggle("nothing", shown === 0);
}
function open() {
  const wanted = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (wanted instanceof HTMLDetailsElement) wanted.open = true;
}
field.addEventListener("input", narrow);
addEventListener("hashchange", open);
narrow();
open();
