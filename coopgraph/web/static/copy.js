// Put a button beside each name that can be copied. Without it, a click selects the whole name.
"use strict";

for (const name of document.querySelectorAll("code.iri")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.setAttribute("aria-label", `Copy ${name.textContent}`);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(name.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(name);
      button.textContent = "Selected";
    }
  });
  name.after(button);
}
