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

// What belongs to some choices only is shown for them, and what some choices need must be filled in for them.
function follow(form) {
  const chosen = form.querySelector("input[name=action]:checked")?.value ?? "";
  for (const part of form.querySelectorAll("[data-for]")) part.hidden = !part.dataset.for.split(" ").includes(chosen);
  for (const field of form.querySelectorAll("[data-needed-for]")) {
    field.required = field.dataset.neededFor.split(" ").includes(chosen);
  }
}
document.addEventListener("change", (event) => {
  const form = event.target.closest?.("form[data-follows]");
  if (form) follow(form);
});
document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("form[data-follows]").forEach(follow));
