package dev.sluice.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Grafana passes over a field that it does not know: the panel is then empty, or different. */
class DashboardSchemaTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private final JsonSchema schema = schema();

  @Test
  void everyDashboardHoldsTheSchema() throws IOException {
    for (JsonNode dashboard : MonitoringFiles.dashboards()) {
      assertThat(schema.validate(dashboard)).as(dashboard.path("title").asText()).isEmpty();
    }
  }

  /** In an object, one field gets another name. */
  @ParameterizedTest
  @CsvSource({
    "'',panels,panel",
    "/annotations,list,lists",
    "/annotations/list/0,useValueForTime,useValueAsTime",
    "/templating/list/0,type,typ",
    "/templating/list/1/query,refId,refid",
    "/panels/1,fieldConfig,fieldconfig",
    "/panels/1,gridPos,gridpos",
    "/panels/1/gridPos,w,width",
    "/panels/1/fieldConfig/defaults,unit,units",
    "/panels/1/targets/0,expr,expression",
    "/panels/1/options,reduceOptions,reduceOption",
    "/panels/1/options/reduceOptions,calcs,calc",
  })
  void aMisspeltFieldIsFound(String object, String field, String misspelt) throws IOException {
    JsonNode dashboard = MonitoringFiles.dashboards().get(0).deepCopy();
    ObjectNode place = (ObjectNode) dashboard.at(object);
    JsonNode value = Objects.requireNonNull(place.remove(field), field);
    place.set(misspelt, value);
    assertThat(said(dashboard)).contains(misspelt);
  }

  @ParameterizedTest
  @CsvSource({
    "/panels/1,type,timeserie",
    "/panels/1/fieldConfig/defaults,unit,second",
    "/panels/1/options,graphMode,lines",
    "/panels/1/targets/0/datasource,uid,abc",
    "'',refresh,often",
  })
  void aWordThatMeansNothingIsFound(String object, String field, String word) throws IOException {
    JsonNode dashboard = MonitoringFiles.dashboards().get(0).deepCopy();
    ((ObjectNode) dashboard.at(object)).put(field, word);
    assertThat(said(dashboard)).contains(field);
  }

  private String said(JsonNode dashboard) {
    Set<ValidationMessage> found = schema.validate(dashboard);
    return String.join("\n", found.stream().map(ValidationMessage::getMessage).toList());
  }

  private static JsonSchema schema() {
    try (InputStream in = DashboardSchemaTest.class.getResourceAsStream("dashboard.schema.json")) {
      return JsonSchemaFactory.getInstance(VersionFlag.V202012)
          .getSchema(JSON.readTree(Objects.requireNonNull(in)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
