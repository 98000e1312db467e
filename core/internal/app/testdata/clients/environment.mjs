// A service whose exporter is set up by its environment alone.
import { SpanKind } from "@opentelemetry/api";
import { OTLPTraceExporter as JSONExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { detectResources, envDetector } from "@opentelemetry/resources";
import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";

const Exporter = { "http/protobuf": ProtobufExporter, "http/json": JSONExporter }[process.env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL];
const provider = new NodeTracerProvider({
  resource: detectResources({ detectors: [envDetector] }),
  spanProcessors: [new BatchSpanProcessor(new Exporter())],
});
provider.getTracer("assistant").startSpan("chat", {
  kind: SpanKind.CLIENT,
  attributes: { "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.response.model": "gpt-5-mini", "gen_ai.usage.input_tokens": 9, "gen_ai.usage.output_tokens": 4 },
}).end();
await provider.forceFlush();
await provider.shutdown();
