// What services report with OpenTelemetry's exporters, and what they are told.
import { DiagLogLevel, SpanKind, diag } from "@opentelemetry/api";
import { OTLPTraceExporter as JSONExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";

const warnings = [];
const silent = () => {};
diag.setLogger({ error: silent, info: silent, debug: silent, verbose: silent, warn: (...words) => warnings.push(words.map((w) => (typeof w === "string" ? w : JSON.stringify(w))).join(" ")) }, DiagLogLevel.WARN);

const url = `${process.env.CONSOLE}/v1/traces`;
const key = (secret) => ({ Authorization: `Bearer ${secret}` });
const protobuf = new ProtobufExporter({ url, headers: key(process.env.KEY), compression: "gzip" });
const json = new JSONExporter({ url, headers: key(process.env.KEY) });
const limited = new JSONExporter({ url, headers: key(process.env.LIMITED_KEY) });
const stranger = new ProtobufExporter({ url, headers: key("nobody") });

const kept = new InMemorySpanExporter();
const provider = new NodeTracerProvider({
  resource: resourceFromAttributes({ "service.name": "assistant", "openhouse.development": process.env.DEVELOPMENT }),
  spanProcessors: [new SimpleSpanProcessor(kept)],
});
const tracer = provider.getTracer("clients");

// spans are those of a batch: each has a name, attributes and a kind.
function spans(...all) {
  for (const [name, attributes, kind] of all) tracer.startSpan(name, { kind: kind ?? SpanKind.CLIENT, attributes }).end();
  const batch = [...kept.getFinishedSpans()];
  kept.reset();
  return batch;
}

const said = [];
const send = (name, exporter, batch) =>
  new Promise((done) =>
    exporter.export(batch, ({ code, error }) => {
      said.push({ name, code, error: error?.message ?? "", status: error?.code ?? 0, warnings: warnings.splice(0) });
      done();
    }),
  );

const called = { "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.response.model": "gpt-5-mini", "gen_ai.usage.input_tokens": 9, "gen_ai.usage.output_tokens": 4 };
const prompt = process.env.PROMPT;
const first = spans(
  ["chat gpt-5-mini", {
    "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-5-mini", "gen_ai.response.model": "gpt-5-mini-2025-08-07",
    "gen_ai.usage.input_tokens": 1830, "gen_ai.usage.output_tokens": 212, "gen_ai.usage.cache_read.input_tokens": 1024, "gen_ai.usage.reasoning.output_tokens": 64,
    "openai.response.service_tier": "default", "openhouse.unit": process.env.UNIT, "openhouse.homeowner": "p-7f3a",
    "gen_ai.input.messages": prompt, "gen_ai.output.messages": prompt, "gen_ai.system_instructions": prompt,
  }],
  ["openai.chat", {
    "gen_ai.system": "openai", "gen_ai.request.model": "gpt-4o", "gen_ai.usage.prompt_tokens": 90, "gen_ai.usage.completion_tokens": 40,
    "gen_ai.prompt.0.content": prompt, "gen_ai.completion.0.content": prompt,
  }],
  ["embeddings", { "gen_ai.operation.name": "embeddings", "gen_ai.provider.name": "openai", "gen_ai.request.model": "text-embedding-3-small", "gen_ai.usage.input_tokens": 17 }],
  [`GET /${prompt}`, { "http.request.method": "GET", "url.full": `https://portal.example/${prompt}` }],
  ["execute_tool search", { ...called, "gen_ai.operation.name": "execute_tool" }, SpanKind.INTERNAL],
);
const second = spans(["chat gpt-5-mini", called], ["chat", { ...called, "gen_ai.response.model": undefined }]);

await send("protobuf", protobuf, first);
await send("protobuf again", protobuf, first);
await send("the same in JSON", json, first);
await send("JSON, one without a model", json, second);
await send("JSON again, in protobuf", protobuf, second);
await send("nothing of models", json, spans(["GET /", { "http.request.method": "GET" }]));
await send("no key", stranger, second);
await send("all of a minute", limited, spans(...Array.from({ length: 60 }, () => ["chat", called])));
await send("one more", limited, spans(["chat", called]));

console.log(JSON.stringify(said));
