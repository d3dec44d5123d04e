package dev.sluice.tool.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A table; on a narrow screen its rows become blocks. Without heads it is a list of facts. */
final class Table {

  private final List<Html> rows = new ArrayList<>();
  private final List<String> heads;

  Table(String... heads) {
    this.heads = List.of(heads);
  }

  /** Adds a row of texts, the first of which names it. */
  Table row(String... cells) {
    return row(Stream.of(cells).map(Html::text).toArray(Html[]::new));
  }

  Table row(Html... cells) {
    StringBuilder markup = new StringBuilder(Html.tag("th scope=\"row\"", cells[0]).markup());
    for (int i = 1; i < cells.length; i++) {
      Html head =
          heads.isEmpty()
              ? Html.NOTHING
              : Html.tag("span class=\"head\" aria-hidden=\"true\"", heads.get(i) + " ");
      markup.append(Html.tag("td", head, cells[i]).markup());
    }
    rows.add(Html.tag("tr", new Html(markup.toString())));
    return this;
  }

  Html html() {
    Html body = Html.tag("tbody", Html.all(rows));
    if (heads.isEmpty()) {
      return Html.tag("table class=\"facts\"", body);
    }
    List<Html> cells = heads.stream().map(head -> Html.tag("th scope=\"col\"", head)).toList();
    return Html.tag("table", Html.tag("thead", Html.tag("tr", Html.all(cells))), body);
  }

  /** A number as a cell. */
  static Html number(long number) {
    return Html.tag("span class=\"number\"", Words.count(number));
  }
}
