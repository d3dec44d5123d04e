# The command line and the guard: docker build -f deploy/docker/tool.Dockerfile -t sluice .   (after mvn -DskipTests package)
# On Flink's image for its Java 17 alone: one image to pull, one to keep patched.
FROM flink:2.2.1-java17
COPY target/sluice.jar /opt/sluice/sluice.jar
USER flink
# Exec form: SIGTERM must reach the JVM, which a shell in between would not pass on.
ENTRYPOINT ["java", "-jar", "/opt/sluice/sluice.jar"]
