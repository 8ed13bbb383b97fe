package dev.interposer.engine.model;

/**
 * How a job reports its progress; the unit is the same on every profile.
 *
 * @param unit such as {@code tokens} or {@code samples}; never steps
 * @param total 0 if unknown
 * @param prometheusPort port of a Prometheus endpoint; 0 when the job pushes
 * @param prometheusPath path of the endpoint
 * @param prometheusMetric name of the counter
 */
public record Progress(String unit, long total, int prometheusPort, String prometheusPath, String prometheusMetric) {}
