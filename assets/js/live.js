// A live region listens to its stream through htmx. When the stream breaks,
// or there is none, it asks every two seconds until the answer is 286.
export function live() {
  for (const region of document.querySelectorAll("[data-live]")) follow(region);
}

function follow(region) {
  let polling = false;
  const finish = () => {
    if (region.dataset.then) location.assign(region.dataset.then);
  };
  const poll = async () => {
    const answer = await fetch(region.dataset.poll, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (answer?.ok) htmx.swap(region.firstElementChild, await answer.text(), { swapStyle: "innerHTML" });
    if (answer?.status === 286) finish();
    else setTimeout(poll, 2000);
  };
  const start = () => {
    if (polling || !region.dataset.poll) return;
    polling = true;
    poll();
  };
  region.addEventListener("htmx:sseError", start);
  region.addEventListener("htmx:sseClose", (event) => {
    if (event.detail.type === "message") finish();
  });
  if (!region.hasAttribute("sse-connect")) setTimeout(start, 2000);
}
