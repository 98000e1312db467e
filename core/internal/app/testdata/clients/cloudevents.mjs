// What a portal reports with the CloudEvents SDK, and what its caller sees.
import { CloudEvent, HTTP, Mode, emitterFor, httpTransport } from "cloudevents";

const url = `${process.env.CONSOLE}/api/v1/events`;
const headers = { authorization: `Bearer ${process.env.KEY}` };

// The SDK's own transport hands over what was answered, without its status.
const own = httpTransport(url);

// The transport that callers write, as the SDK's documentation shows.
async function fetched(message) {
  const answer = await fetch(url, { method: "POST", headers: { ...message.headers, ...headers }, body: message.body });
  const body = await answer.text();
  if (!answer.ok) throw Object.assign(new Error(`refused with ${answer.status}`), { status: answer.status, body });
  return { status: answer.status, body };
}

const said = [];
async function step(name, send) {
  try {
    const { status, body } = await send();
    said.push({ name, status: status ?? 0, receipt: JSON.parse(body) });
  } catch (refused) {
    if (!refused.body) throw refused;
    said.push({ name, status: refused.status, thrown: true, receipt: JSON.parse(refused.body) });
  }
}

const report = (id, type, data, more) =>
  new CloudEvent({ id, source: "/portals/harpur", type: `ai.openhouse.${type}`, subject: process.env.SUBJECT, datacontenttype: "application/json", data, ...more });
const batch = (events) => ({ headers: { "content-type": "application/cloudevents-batch+json" }, body: JSON.stringify(events) });

const call = report("call-1", "llm.called", { provider: "openai", model: "gpt-5-mini", prompt_tokens: 1830, completion_tokens: 212 });
const chat = report("chat-1", "chat.sent", { channel: "portal", characters: 84 }, { time: "2026-11-22T10:00:00.250Z", traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" });
const map = report("map-1", "map.loaded", { kind: "dynamic" });
const page = report("page-1", "page.viewed", Buffer.from('{"page":"/documents/{id}"}'));
const another = call.cloneWith({ data: { ...call.data, prompt_tokens: 1831 } });

await step("structured", () => emitterFor(own, { mode: Mode.STRUCTURED })(call, { headers }));
await step("structured again", () => emitterFor(own, { mode: Mode.STRUCTURED })(call, { headers }));
await step("the same in binary", () => emitterFor(fetched, { mode: Mode.BINARY })(call));
await step("binary", () => emitterFor(own, { mode: Mode.BINARY })(chat, { headers }));
await step("bytes as data", () => fetched(HTTP.structured(page)));
await step("bytes in binary", () => fetched(HTTP.binary(page)));
await step("batch", () => fetched(batch([map, chat, another])));
await step("changed, by fetch", () => emitterFor(fetched, { mode: Mode.STRUCTURED })(another));
await step("changed, by the SDK", () => emitterFor(own)(another, { headers }));
await step("invalid", () => fetched(HTTP.binary(report("call-2", "llm.called", { provider: "openai", model: "gpt-5-mini", prompt_tokens: -1, completion_tokens: 0 }))));
await step("unknown", () => fetched(HTTP.binary(report("moon-1", "moon.risen", {}))));

console.log(JSON.stringify(said));
