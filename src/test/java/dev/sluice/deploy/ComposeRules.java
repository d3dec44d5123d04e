package dev.sluice.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

/** What a compose file here must hold to; each rule says what breaks it. */
final class ComposeRules {

  private static final Pattern PINNED =
      Pattern.compile("[\\w./-]+:v?\\d+\\.\\d+\\.\\d+(-[\\w.]+)?");
  private static final Pattern OF_THIS_MACHINE = Pattern.compile("127\\.0\\.0\\.1:\\d+:\\d+");
  private static final Pattern SECRET_NAME =
      Pattern.compile("(?i).*(password|token|secret|api_?key|credential).*");
  private static final Pattern SECRET_VALUE = Pattern.compile("(?=.*\\d)[A-Za-z0-9+_=-]{20,}");
  private static final String SECRETS = "/run/secrets/";

  private final ComposeStack stack;
  private final List<String> problems = new ArrayList<>();

  private ComposeRules(ComposeStack stack) {
    this.stack = stack;
  }

  /** Everything that breaks the specification's schema, or a rule; empty for a good file. */
  static List<String> problems(ComposeStack stack) throws IOException {
    ComposeRules rules = new ComposeRules(stack);
    schema()
        .validate(stack.document())
        .forEach(each -> rules.problems.add("schema: " + each.getMessage()));
    stack.services().forEach(each -> rules.service(each.getKey(), each.getValue()));
    rules.secrets();
    rules.builds();
    return rules.problems;
  }

  private static JsonSchema schema() throws IOException {
    try (InputStream file = ComposeRules.class.getResourceAsStream("compose-spec.json")) {
      ObjectNode schema =
          (ObjectNode) new ObjectMapper().readTree(Objects.requireNonNull(file, "the schema"));
      // A name without an address, which the validator refuses.
      schema.remove("$id");
      return JsonSchemaFactory.getInstance(VersionFlag.V7).getSchema(schema);
    }
  }

  private void service(String name, JsonNode service) {
    image(name, service);
    rights(name, service);
    ComposeStack.texts(service.path("ports"))
        .filter(port -> !OF_THIS_MACHINE.matcher(port).matches())
        .forEach(port -> problem(name, "publishes " + port + " beyond 127.0.0.1"));
    ComposeStack.mounts(service).forEach(mount -> mount(name, mount));
    known(name, service.path("depends_on"), stack.names("services"), "service");
    ComposeStack.texts(service.path("secrets"))
        .filter(secret -> !stack.names("secrets").contains(secret))
        .forEach(secret -> problem(name, "names no secret: " + secret));
    signals(name, service);
  }

  private void image(String name, JsonNode service) {
    String image = service.path("image").asText();
    if (!PINNED.matcher(image).matches()) {
      problem(name, "has an image that is not pinned: " + image);
    }
    JsonNode build = service.path("build");
    if (!build.isMissingNode()) {
      var context = ComposeStack.DIRECTORY.resolve(build.path("context").asText()).normalize();
      if (!Files.exists(context.resolve(build.path("dockerfile").asText()))) {
        problem(name, "is built from a file that is not there: " + build);
      }
    }
  }

  /**
   * Two builds of one image, side by side, fail; a user who does not build it must not get it from
   * elsewhere.
   */
  private void builds() {
    Map<String, String> builders = new HashMap<>();
    for (Map.Entry<String, JsonNode> service : stack.services()) {
      String image = service.getValue().path("image").asText();
      if (service.getValue().has("build")) {
        String other = builders.putIfAbsent(image, service.getKey());
        if (other != null) {
          problem(service.getKey(), "builds " + image + " as well as " + other);
        }
      }
    }
    for (Map.Entry<String, JsonNode> service : stack.services()) {
      boolean own = builders.containsKey(service.getValue().path("image").asText());
      boolean never = service.getValue().path("pull_policy").asText().equals("never");
      if (own && !never && !service.getValue().has("build")) {
        problem(service.getKey(), "would look for an image of ours in a registry");
      }
    }
  }

  private void rights(String name, JsonNode service) {
    if (ComposeStack.texts(service.path("cap_drop")).noneMatch("ALL"::equals)
        || ComposeStack.texts(service.path("security_opt"))
            .noneMatch("no-new-privileges:true"::equals)) {
      problem(name, "keeps rights that it does not need");
    }
    if (service.has("user") || service.has("privileged") || service.has("cap_add")) {
      problem(name, "runs as another user than its image's, or with more rights");
    }
  }

  private void mount(String name, ComposeStack.Mount mount) {
    if (mount.isPath() && !Files.exists(mount.path())) {
      problem(name, "mounts what is not there: " + mount.path());
    }
    if (!mount.isPath() && !stack.names("volumes").contains(mount.source())) {
      problem(name, "mounts no volume that is declared: " + mount.source());
    }
  }

  /** Process 1 must pass SIGTERM on, so a shell has to be replaced by what it starts. */
  private void signals(String name, JsonNode service) {
    if (!service.path("init").asBoolean()) {
      problem(name, "has no init");
    }
    for (String key : List.of("entrypoint", "command")) {
      JsonNode run = service.path(key);
      if (run.isTextual()) {
        problem(name, key + " is not a list: a shell would not pass signals on");
      }
    }
    List<String> words = ComposeStack.words(service);
    if (words.contains("-c") && !ComposeStack.behind(service, "-c").contains("exec ")) {
      problem(name, "stays a shell, which does not pass signals on");
    }
  }

  private void known(String name, JsonNode used, Set<String> known, String kind) {
    used.fieldNames()
        .forEachRemaining(
            each -> {
              if (!known.contains(each)) {
                problem(name, "names no " + kind + ": " + each);
              }
            });
  }

  private void secrets() {
    for (Map.Entry<String, JsonNode> secret : stack.document().path("secrets").properties()) {
      if (!secret.getValue().path("file").asText().startsWith("secrets/")) {
        problems.add("secret " + secret.getKey() + ": is not a file in secrets/");
      }
    }
    for (Map.Entry<String, JsonNode> service : stack.services()) {
      for (Map.Entry<String, String> each :
          ComposeStack.scalars(service.getKey(), service.getValue())) {
        secret(service.getKey(), service.getValue(), each.getKey(), each.getValue());
      }
    }
  }

  private void secret(String name, JsonNode service, String key, String value) {
    boolean file = value.startsWith(SECRETS);
    if (file
        && ComposeStack.texts(service.path("secrets"))
            .noneMatch(value.substring(SECRETS.length())::equals)) {
      problem(name, "is not given the secret that it reads: " + value);
    }
    boolean named = SECRET_NAME.matcher(key).matches() && !key.equals("secrets");
    if ((named && !file) || SECRET_VALUE.matcher(value).matches()) {
      problem(name, "holds a secret: " + key);
    }
  }

  private void problem(String service, String text) {
    problems.add(service + ": " + text);
  }
}
