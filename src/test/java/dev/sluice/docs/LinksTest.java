package dev.sluice.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every link of the documents leads to a file and a heading that exist, and every page is found.
 */
class LinksTest {

  private static final Path PAGES = Path.of("src", "site", "markdown");
  private static final Path README = Path.of("README.md");
  private static final Pattern NAMED_PAGE =
      Pattern.compile(
          "\\b(?:(?:deploy|src/site)/[\\w/-]+|README|SECURITY|CHANGELOG|CONTRIBUTING)\\.md\\b");

  static Stream<Path> documents() throws IOException {
    List<Path> all = new ArrayList<>(markdown(Path.of("deploy")));
    all.addAll(markdown(PAGES));
    for (String name : List.of("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")) {
      all.add(Path.of(name));
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("documents")
  void everyLinkLeadsToAFileAndAHeading(Path document) throws IOException {
    assertThat(MarkdownDocument.read(document).deadLinks()).isEmpty();
  }

  @Test
  void deadLinksAreFound(@TempDir Path directory) throws IOException {
    Path page = directory.resolve("page.md");
    Files.writeString(
        page,
        """
        # A `page`, twice

        [good](#a-page-twice) [good](other.md#exit-3) [good](#again-1) [elsewhere](https://example.org/#x)
        [no file](absent.md#exit-3) [no heading](other.md#exit-4) [case](#A-page-twice) ![no image](a.png)

        ## Again
        ## Again

        ```
        # code
        [code](absent.md)
        ```

        [in code](#code)
        """);
    Files.writeString(directory.resolve("other.md"), "# Other\n\n### exit 3\n");
    assertThat(MarkdownDocument.read(page).deadLinks())
        .containsExactly(
            page + ": (absent.md#exit-3) names a file that does not exist",
            page + ": (other.md#exit-4) names a heading that does not exist",
            page + ": (#A-page-twice) names a heading that does not exist",
            page + ": (a.png) names a file that does not exist",
            page + ": (#code) names a heading that does not exist");
  }

  @Test
  void readmeIndexAndNavigationNameEveryPage() throws IOException {
    List<String> readme = MarkdownDocument.read(README).links();
    List<String> index = MarkdownDocument.read(PAGES.resolve("index.md")).links();
    String navigation = Files.readString(Path.of("src", "site", "site.xml"));
    for (Path page : markdown(PAGES)) {
      String name = page.getFileName().toString();
      assertThat(navigation).contains("href=\"" + name.replace(".md", ".html") + "\"");
      if (!name.equals("index.md")) {
        assertThat(readme).contains("src/site/markdown/" + name);
        assertThat(index).contains(name);
      }
    }
  }

  @Test
  void theReadmeHasAtMost150Lines() throws IOException {
    assertThat(Files.readAllLines(README)).hasSizeLessThanOrEqualTo(150);
  }

  @Test
  void everyPageThatTheProgramNamesExists() throws IOException {
    List<String> named = new ArrayList<>();
    for (Path file : files(Path.of("src", "main"), ".java")) {
      NAMED_PAGE
          .matcher(Files.readString(file))
          .results()
          .map(page -> page.group())
          .forEach(named::add);
    }
    assertThat(named)
        .contains("src/site/markdown/settings.md", "deploy/runbook.md")
        .allSatisfy(page -> assertThat(Path.of(page)).isRegularFile());
  }

  private static List<Path> markdown(Path directory) throws IOException {
    return files(directory, ".md");
  }

  private static List<Path> files(Path directory, String ending) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(file -> file.toString().endsWith(ending)).sorted().toList();
    }
  }
}
