package dev.sluice.job;

import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.SimpleCounter;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;

/** A metric group whose figures can be read, by the groups' names and their own. */
public final class RecordedMetrics extends UnregisteredMetricsGroup {

  private final Map<String, Object> figures;
  private final String path;

  /** Without figures yet. */
  public RecordedMetrics() {
    this(new TreeMap<>(), "");
  }

  private RecordedMetrics(Map<String, Object> figures, String path) {
    this.figures = figures;
    this.path = path;
  }

  /** Every figure, as {@code sluice.reason.bad-feature.deadLetters}. */
  public Map<String, Object> figures() {
    return figures;
  }

  /** What a figure is now. */
  public double value(String name) {
    Object figure = figures.get(name);
    Object value = figure instanceof Gauge<?> gauge ? gauge.getValue() : figure;
    if (value instanceof Counter counter) {
      return counter.getCount();
    } else if (value instanceof Number number) {
      return number.doubleValue();
    }
    throw new AssertionError(name + " is " + value);
  }

  @Override
  public Counter counter(String name) {
    Counter counter = new SimpleCounter();
    figures.put(path + name, counter);
    return counter;
  }

  @Override
  public <T, G extends Gauge<T>> G gauge(String name, G gauge) {
    figures.put(path + name, gauge);
    return gauge;
  }

  @Override
  public MetricGroup addGroup(String name) {
    return new RecordedMetrics(figures, path + name + ".");
  }

  @Override
  public MetricGroup addGroup(String key, String value) {
    return addGroup(key).addGroup(value);
  }
}
