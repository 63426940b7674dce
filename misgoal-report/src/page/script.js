"use strict";
// Players: one a pair of levels. Without this script the pictures show the whole way.
for (const pair of document.querySelectorAll(".pair")) {
  const player = pair.querySelector(".player"), button = player.querySelector("button");
  const slider = player.querySelector("input"), output = player.querySelector("output");
  const last = +player.dataset.steps;
  if (last < 1) continue;
  const levels = [...pair.querySelectorAll("svg[data-way]")].map((svg) => ({
    way: svg.dataset.way.split(" ").map((p) => p.split(",").map((n) => n * 10 + 5)),
    line: svg.querySelector(".way"), agent: svg.querySelector(".agent"),
    things: [...svg.querySelectorAll("[data-gone]")],
  }));
  const chart = pair.querySelector("svg[data-span]"), cursor = chart && chart.querySelector(".cursor");
  const show = (step) => {
    for (const { way, line, agent, things } of levels) {
      const at = Math.min(step, way.length - 1);
      line.setAttribute("d", "M" + way.slice(0, at + 1).map((p) => p.join(" ")).join("L"));
      agent.setAttribute("cx", way[at][0]);
      agent.setAttribute("cy", way[at][1]);
      for (const thing of things) thing.classList.toggle("gone", at >= +thing.dataset.gone);
    }
    if (cursor) {
      const [first, end, from, to] = chart.dataset.span.split(" ").map(Number);
      const share = Math.min(1, Math.max(0, (step - first) / (end - first)));
      cursor.setAttribute("transform", `translate(${share * (to - from)} 0)`);
      cursor.style.visibility = "visible";
    }
    slider.value = step;
    output.textContent = `step ${step} of ${last}`;
  };
  let timer = 0;
  const stop = () => { clearInterval(timer); timer = 0; button.textContent = "Play"; };
  button.addEventListener("click", () => {
    if (timer) return stop();
    let step = +slider.value >= last ? 0 : +slider.value;
    button.textContent = "Pause";
    show(step);
    timer = setInterval(() => { step += 1; show(step); if (step >= last) stop(); }, Math.max(40, Math.min(220, 6000 / last)));
  });
  slider.addEventListener("input", () => { stop(); show(+slider.value); });
  player.hidden = false;
  output.textContent = `${last} steps`;
}
// Tooltips: the marks' own titles, at once and on touch. They stay in the markup for readers without the script.
const tip = document.createElement("div");
tip.id = "tip";
tip.hidden = true;
document.body.append(tip);
const point = (event) => {
  const mark = event.target.closest && event.target.closest("svg *, .sq[title], .chip[title]");
  const title = mark && mark.localName !== "svg" && (mark.querySelector(":scope > title") || mark.parentNode.querySelector("g > title"));
  const text = mark && (title ? title.textContent : mark.getAttribute("title"));
  tip.hidden = !text;
  if (!text) return;
  tip.textContent = text;
  const box = tip.getBoundingClientRect();
  tip.style.left = Math.max(4, Math.min(event.clientX + 12, innerWidth - box.width - 4)) + "px";
  tip.style.top = Math.max(4, event.clientY - box.height - 12) + "px";
};
document.addEventListener("pointermove", point);
document.addEventListener("pointerdown", point);
