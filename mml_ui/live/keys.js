// Keys that work wherever the focus is: Space plays and pauses, unless something that takes a space has the focus.
function createKeys(play) {
  const press = (event) => {
    if (event.key !== " " || event.ctrlKey || event.metaKey || event.altKey || DOM.typing(event.target)) return;
    if (play.toggle()) event.preventDefault();
  };
  window.addEventListener("keydown", press, true);
  return { close() { window.removeEventListener("keydown", press, true); } };
}
