// Pointing at a link, in whichever figure, marks it in all of them: a cell of the matrix and its arrow in the web.
function createPointing() {
  let now = null;

  function mark(name) {
    if (name === now) return;
    now = name;
    for (const old of document.querySelectorAll(".mml-pointed")) old.classList.remove("mml-pointed");
    if (name === null) return;
    for (const svg of document.querySelectorAll('[class*="st-key-mml_figure"] svg.marks')) {
      for (const mark of svg.querySelectorAll(".role-mark path")) if (datumOf(mark)?.link === name) mark.classList.add("mml-pointed");
    }
  }

  const over = (event) => mark((event.target.closest?.("svg.marks") && datumOf(event.target)?.link) || null);
  window.addEventListener("pointerover", over, true);
  return { close() { window.removeEventListener("pointerover", over, true); } };
}
