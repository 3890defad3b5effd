// What every page does: the design system's behaviour, and forms that ask before they do what cannot be undone.

document.addEventListener("DOMContentLoaded", () => {
  window.DKFDS?.init();
  const more = document.querySelector(".more-button span");
  if (more) more.textContent = document.body.dataset.more;
});

document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});

// A field that belongs to some choices only is shown, and must be filled in, only for them.
function follow(form) {
  const chosen = form.querySelector("input[name=action]:checked")?.value ?? "";
  for (const part of form.querySelectorAll("[data-for]")) {
    const wanted = part.dataset.for.split(" ").includes(chosen);
    part.hidden = !wanted;
    for (const field of part.querySelectorAll("[data-required]")) field.required = wanted;
  }
}
document.addEventListener("change", (event) => {
  const form = event.target.closest?.("form[data-follows]");
  if (form) follow(form);
});
document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("form[data-follows]").forEach(follow));
