package dev.sluice.tool.flink;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

/**
 * JSON over HTTP with the first of several JobManagers that answers. May be used by several
 * threads.
 */
final class Rest {

  /** For this process. */
  private static final RestAccess ACCESS = new RestAccess(System.getenv());

  private static final Duration UPLOAD = Duration.ofMinutes(2);
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What Flink says of a path that is neither a question nor a file of its web UI. */
  private static final String NO_SUCH_PATH = "Unable to load requested file";

  /** What Java says of a port that answers a TLS handshake in plain text. */
  private static final String NO_TLS = "SSL message";

  private final List<URI> addresses;
  private final Duration patience;
  private final RestAccess access;
  private final AtomicInteger answering = new AtomicInteger();

  /**
   * @param addresses without a slash at the end, at least one
   * @param patience for one answer
   */
  Rest(List<URI> addresses, Duration patience) {
    this(addresses, patience, ACCESS);
  }

  /** As {@link #Rest(List, Duration)}, with certificates and headers of its own. */
  Rest(List<URI> addresses, Duration patience, RestAccess access) {
    this.addresses = List.copyOf(addresses);
    this.patience = patience;
    this.access = access;
  }

  /**
   * Asks for something.
   *
   * @param isOfFlink whether an answer has what Flink's answer to this question always has; one
   *     that has not is of a proxy, or of another program, and counts as none
   */
  JsonNode get(String path, Predicate<JsonNode> isOfFlink)
      throws IOException, InterruptedException {
    return send(path, HttpRequest.newBuilder().GET(), patience, false, isOfFlink);
  }

  JsonNode post(String path, Map<String, ?> body) throws IOException, InterruptedException {
    return send(path, json(body), patience, false, Answers.ANY);
  }

  /**
   * Posts what must not come twice: another JobManager is asked only if the previous one was not
   * reached.
   */
  JsonNode postOnce(String path, Map<String, ?> body) throws IOException, InterruptedException {
    return send(path, json(body), patience, true, Answers.ANY);
  }

  private static HttpRequest.Builder json(Map<String, ?> body) throws IOException {
    return HttpRequest.newBuilder()
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString(JSON.writeValueAsString(body)));
  }

  void patch(String path) throws IOException, InterruptedException {
    send(
        path,
        HttpRequest.newBuilder().method("PATCH", BodyPublishers.noBody()),
        patience,
        false,
        Answers.ANY);
  }

  void delete(String path) throws IOException, InterruptedException {
    send(path, HttpRequest.newBuilder().DELETE(), patience, false, Answers.ANY);
  }

  /** Sends a jar, as a browser would. */
  JsonNode upload(String path, Path jar, Predicate<JsonNode> isOfFlink)
      throws IOException, InterruptedException {
    String boundary = UUID.randomUUID().toString();
    String head =
        ("--%s\r\nContent-Disposition: form-data; name=\"jarfile\"; filename=\"%s\"\r\nContent-Type: "
                + "application/x-java-archive\r\n\r\n")
            .formatted(boundary, jar.getFileName());
    BodyPublisher body =
        BodyPublishers.concat(
            BodyPublishers.ofString(head),
            BodyPublishers.ofFile(jar),
            BodyPublishers.ofString("\r\n--" + boundary + "--\r\n"));
    return send(
        path,
        HttpRequest.newBuilder()
            .header("Content-Type", "multipart/form-data; boundary=" + boundary)
            .POST(body),
        UPLOAD,
        false,
        isOfFlink);
  }

  /** Asks each JobManager once, beginning with the one that answered last. */
  private JsonNode send(
      String path,
      HttpRequest.Builder request,
      Duration limit,
      boolean once,
      Predicate<JsonNode> isOfFlink)
      throws IOException, InterruptedException {
    access.withHeaders(request);
    IOException last = null;
    for (int i = 0; i < addresses.size(); i++) {
      int turn = answering.get();
      URI address = addresses.get(Math.floorMod(turn, addresses.size()));
      try {
        HttpRequest whole = request.uri(URI.create(address + path)).timeout(limit).build();
        HttpClient http = access.client(address);
        JsonNode answer = read(path, address, http.send(whole, BodyHandlers.ofByteArray()));
        if (!isOfFlink.test(answer)) {
          throw new ForeignAnswerException(path);
        }
        return answer;
      } catch (AccessException e) {
        throw e;
      } catch (FlinkException e) {
        if (once || e.status() != 503) {
          throw e;
        }
        last = e;
      } catch (IOException e) {
        boolean reached =
            !(e instanceof ConnectException
                || e instanceof HttpConnectTimeoutException
                || e instanceof SSLHandshakeException);
        UnansweredException unanswered =
            new UnansweredException(
                "the JobManager at %s does not answer (%s): %s"
                    .formatted(address, reason(e), wayOut(e)),
                reached,
                e);
        if (once && reached) {
          answering.compareAndSet(turn, turn + 1);
          throw unanswered;
        }
        last = unanswered;
      }
      answering.compareAndSet(turn, turn + 1);
    }
    throw last == null ? new IOException("no address of a JobManager is given") : last;
  }

  private static JsonNode read(String path, URI address, HttpResponse<byte[]> response)
      throws IOException {
    int status = response.statusCode();
    byte[] body = response.body();
    if (status / 100 == 2) {
      return body.length == 0 ? JSON.createObjectNode() : JSON.readTree(body);
    }
    String reason = reason(body);
    if (status / 100 == 3 || status == 401 || status == 403 || status == 407) {
      throw new AccessException(
          ("what stands before the JobManager at %s answered %s with %s (%s) and wants to know who asks: put the "
                  + "header, as 'Authorization: Basic …', into a file that SLUICE_REST_HEADERS names")
              .formatted(address, path, status, reason));
    }
    throw new FlinkException(
        status,
        // Asked for the status of a job that it does not know, Flink answers with 500.
        (status == 404 && isOfFlink(body)) || reason.startsWith("FlinkJobNotFoundException"),
        "the JobManager at %s answered %s with %s: %s%s"
            .formatted(address, path, status, reason, wayOut(status, body, reason)));
  }

  /** Flink's errors are a list; a proxy that knows no such path answers with its own text. */
  private static boolean isOfFlink(byte[] body) {
    try {
      return JSON.readTree(body).path("errors").isArray();
    } catch (IOException aPage) {
      return false;
    }
  }

  private static String wayOut(int status, byte[] body, String reason) {
    if (status == 404 && !isOfFlink(body)) {
      return "; this is no answer of Flink's: check the path of --rest";
    }
    return status == 404 && reason.contains(NO_SUCH_PATH)
        ? "; Flink has nothing at this path: check the path of --rest, which has none unless a proxy before Flink "
            + "adds one"
        : "";
  }

  private static String wayOut(IOException e) {
    if (isUnresolved(e)) {
      return "check the host of --rest, and that this machine's name servers answer";
    } else if (e instanceof SSLException && String.valueOf(e.getMessage()).contains(NO_TLS)) {
      return "that port does not speak TLS: is it http? Then say http:// in --rest";
    } else if (e instanceof SSLException) {
      return "check the certificates that security.ssl.rest.* names in the config.yaml of FLINK_CONF_DIR, and "
          + "that the JobManager's is for the host of --rest";
    }
    return e instanceof JsonProcessingException || e instanceof ForeignAnswerException
        ? "this is no answer of Flink's: check --rest, and the headers that a proxy before it may want "
            + "(SLUICE_REST_HEADERS)"
        : "check --rest and that it runs";
  }

  private static String reason(IOException e) {
    if (e instanceof HttpTimeoutException) {
      return "no answer in time";
    } else if (isUnresolved(e)) {
      return "no such host";
    } else if (e instanceof ConnectException) {
      return "no connection";
    } else if (e instanceof JsonProcessingException) {
      return "what came is not JSON";
    }
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }

  /** The client puts a name that can't be resolved behind a connection that can't be made. */
  private static boolean isUnresolved(IOException e) {
    for (Throwable at = e; at != null; at = at.getCause()) {
      if (at instanceof UnresolvedAddressException) {
        return true;
      }
    }
    return false;
  }

  /** Something answered with success, and it was not Flink. */
  private static final class ForeignAnswerException extends IOException {

    private static final long serialVersionUID = 1L;

    ForeignAnswerException(String path) {
      super("what came for %s has not the form of it".formatted(path));
    }
  }

  private static String reason(byte[] body) {
    try {
      JsonNode errors = JSON.readTree(body).path("errors");
      String all = errors.path(errors.size() - 1).asText();
      return Traces.cause(all);
    } catch (IOException notJson) {
      return "(" + body.length + " bytes that are not JSON)";
    }
  }
}
