# The job on Flink: docker build -f deploy/docker/job.Dockerfile -t sluice-job:0.1.0 .   (after mvn -DskipTests package)
FROM flink:2.2.1-java17
USER root
# Under Docker, a new volume gets the owner of the directory that it is mounted over: without this one it would be root's.
RUN install -d -o flink -g flink /var/lib/sluice
COPY --chown=flink:flink target/sluice-job.jar /opt/flink/usrlib/sluice-job.jar
USER flink
