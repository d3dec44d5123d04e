package org.apache.flink.metrics.prometheus;

import io.prometheus.client.exporter.HTTPServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Properties;
import org.apache.flink.metrics.reporter.MetricReporterFactory;

/**
 * Flink's Prometheus reporter on the loopback interface: Flink's own listens on every interface and
 * has no option for it. It lives in Flink's package for the sake of the registry there, which is
 * package-private.
 */
public final class LoopbackPrometheusReporter extends AbstractPrometheusReporter {
  private final HTTPServer server;

  private LoopbackPrometheusReporter(int port) {
    try {
      server =
          new HTTPServer(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), port), registry, true);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The metrics can't be served at 127.0.0.1:" + port + " (metrics.reporter.prom.port)", e);
    }
  }

  @Override
  public void close() {
    server.stop();
    super.close();
  }

  /** Makes the reporter from its one setting, {@code port}. */
  public static final class Factory implements MetricReporterFactory {
    @Override
    public LoopbackPrometheusReporter createMetricReporter(Properties properties) {
      // A number in config.yaml comes as an Integer, which getProperty() would not find.
      String port = String.valueOf(properties.get("port"));
      return new LoopbackPrometheusReporter(Integer.parseInt(port));
    }
  }
}
