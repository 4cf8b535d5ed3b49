package dev.cairn.http;

import dev.cairn.measure.RegisterId;
import dev.cairn.service.MeasuredLog;
import dev.cairn.service.RegisterState;
import dev.cairn.service.ServiceStatus;
import java.util.Map;
import java.util.function.IntSupplier;

/**
 * Writes all metrics in the text format of Prometheus, version 0.0.4. By hand: a few numbers need
 * no library. Event loop only.
 */
final class MetricsText {
  private final MeasuredLog log;
  private final Metrics metrics;
  private final Connections connections;
  private final Readiness readiness;
  private final LogResource logs;
  private final EventStreams streams;
  private final IntSupplier evidenceTransfers;

  MetricsText(
      MeasuredLog log,
      Metrics metrics,
      Connections connections,
      Readiness readiness,
      LogResource logs,
      EventStreams streams,
      IntSupplier evidenceTransfers) {
    this.log = log;
    this.metrics = metrics;
    this.connections = connections;
    this.readiness = readiness;
    this.logs = logs;
    this.streams = streams;
    this.evidenceTransfers = evidenceTransfers;
  }

  String write() {
    StringBuilder out = new StringBuilder(4096);
    ServiceStatus status = log.status();
    boolean ready = status.ready() && readiness.reason().isEmpty();
    gauge(out, "cairn_ready", "1 if new events are accepted.", ready ? 1 : 0);
    states(out, status.states());
    head(out, "cairn_events_total", "counter", "Acknowledged events.");
    out.append("cairn_events_total{outcome=\"extended\"} ").append(metrics.extended()).append('\n');
    out.append("cairn_events_total{outcome=\"repeated\"} ").append(metrics.repeated()).append('\n');
    head(out, "cairn_extend_seconds", "histogram", "From request head to acknowledgement.");
    metrics.extendLatency().writeTo(out, "cairn_extend_seconds");
    byLabel(
        out,
        "cairn_quotes_total",
        "Quotes that were asked for, by what became of them.",
        "outcome",
        metrics.quotesByOutcome());
    head(out, "cairn_quote_seconds", "histogram", "From request head to a quote with its log.");
    metrics.quoteLatency().writeTo(out, "cairn_quote_seconds");
    counter(
        out,
        "cairn_answer_bursts_total",
        "Wake-ups of the event loop by finished work.",
        metrics.bursts());
    counter(
        out,
        "cairn_batches_total",
        "Batches of events, each one write and one fdatasync.",
        status.batches());
    counter(out, "cairn_receipts_total", "Receipts that the log gave.", status.acknowledged());
    counter(
        out,
        "cairn_foreign_records_total",
        "Extends of others that were found in their logs and taken over.",
        status.foreignRecords());
    gauge(out, "cairn_queue_events", "Events that wait for the sequencer.", status.queued());
    gauge(out, "cairn_queue_limit_events", "How many events may wait.", status.queueLimit());
    gauge(out, "cairn_log_end_position", "Committed records.", status.committedPosition());
    gauge(out, "cairn_log_bytes", "Length of the committed log.", status.committedBytes());
    gauge(
        out,
        "cairn_coco_token_bytes",
        "About how much of a key broker's token the log's claims take; 131072 is too much.",
        CocoSizes.tokenBytes(status));
    byLabel(
        out,
        "cairn_http_responses_total",
        "Answers by status.",
        "status",
        metrics.answersByStatus());
    byLabel(out, "cairn_problems_total", "Problems by kind.", "problem", metrics.problemsByCode());
    counter(
        out,
        "cairn_http_aborted_total",
        "Requests whose client went before the answer was out.",
        metrics.abortedRequests());
    gauge(out, "cairn_http_connections", "Open connections.", connections.size());
    counter(out, "cairn_http_connections_total", "Accepted connections.", connections.accepted());
    counter(
        out,
        "cairn_http_connections_refused_total",
        "Connections beyond the limit.",
        connections.refused());
    gauge(
        out,
        "cairn_http_body_bytes",
        "Bodies of unanswered requests, in bytes.",
        connections.bodyBytes());
    gauge(out, "cairn_log_transfers", "Logs being sent.", logs.transfers());
    gauge(
        out,
        "cairn_evidence_transfers",
        "Evidence and logs of others being sent.",
        evidenceTransfers.getAsInt());
    gauge(out, "cairn_event_streams", "Clients that follow the log.", streams.size());
    counter(
        out,
        "cairn_event_streams_dropped_total",
        "Followers that did not read fast enough.",
        streams.dropped());
    return out.toString();
  }

  /** One line for every state of every register, so that an alert has its series from the start. */
  private static void states(StringBuilder out, Map<RegisterId, RegisterState> states) {
    head(out, "cairn_register_state", "gauge", "1 for the state that the register is in.");
    states.forEach(
        (register, now) -> {
          for (RegisterState state : RegisterState.values()) {
            out.append("cairn_register_state{register=\"").append(register.name());
            out.append("\",state=\"").append(state.name()).append("\"} ");
            out.append(state == now ? 1 : 0).append('\n');
          }
        });
  }

  private static void head(StringBuilder out, String name, String type, String help) {
    out.append("# HELP ").append(name).append(' ').append(help).append('\n');
    out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
  }

  private static void gauge(StringBuilder out, String name, String help, long value) {
    head(out, name, "gauge", help);
    out.append(name).append(' ').append(value).append('\n');
  }

  private static void counter(StringBuilder out, String name, String help, long value) {
    head(out, name, "counter", help);
    out.append(name).append(' ').append(value).append('\n');
  }

  private static void byLabel(
      StringBuilder out, String name, String help, String label, Map<?, Long> values) {
    head(out, name, "counter", help);
    values.forEach(
        (key, value) ->
            out.append(name)
                .append('{')
                .append(label)
                .append("=\"")
                .append(key)
                .append("\"} ")
                .append(value)
                .append('\n'));
  }
}
