# A server of the scheduler, from a checkout that is built:
# ./mvnw -pl scheduler/server -am package && docker build -f deploy/container/scheduler.Dockerfile .
# It runs as nobody in particular and writes to /var/lib/interposer and /tmp alone, which may be volumes over a read-only root.
FROM eclipse-temurin:25-jre

COPY scheduler/server/server.jvmoptions scheduler/server/target/quarkus-app/ /opt/interposer/server/
RUN install -d -o 10001 -g 10001 -m 0700 /var/lib/interposer

ENV INTERPOSER_HOME=/var/lib/interposer
USER 10001:10001
WORKDIR /opt/interposer/server
EXPOSE 7070 7080
ENTRYPOINT ["java", "@/opt/interposer/server/server.jvmoptions", "-jar", "/opt/interposer/server/quarkus-run.jar"]
