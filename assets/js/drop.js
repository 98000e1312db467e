// Lets a file be dropped on an upload, and shows the name of the one chosen.
export function drops() {
  for (const form of document.querySelectorAll("[data-drop]")) {
    const zone = form.querySelector(".drop");
    const input = form.querySelector("input[type=file]");
    const show = () => {
      const [file] = input.files;
      form.querySelector("[data-file]").textContent = file ? `${file.name} · ${size(file.size)}` : "";
    };
    input.addEventListener("change", show);
    zone.addEventListener("dragover", (event) => {
      event.preventDefault();
      zone.classList.add("over");
    });
    zone.addEventListener("dragleave", () => zone.classList.remove("over"));
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      zone.classList.remove("over");
      if (event.dataTransfer.files.length === 0) return;
      input.files = event.dataTransfer.files;
      show();
    });
    show();
  }
}

function size(bytes) {
  if (bytes < 1024) return `${bytes} bytes`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
