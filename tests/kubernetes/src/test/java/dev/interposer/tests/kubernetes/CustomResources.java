package dev.interposer.tests.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.interposer.tests.e2e.Installation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The definitions of our kinds, as they are installed. */
final class CustomResources {
    static final YAMLMapper YAML = new YAMLMapper();

    private CustomResources() {}

    static Path root() {
        return Installation.root();
    }

    static Path folder() {
        return root().resolve("deploy/helm/interposer/files/crds");
    }

    /** Installs all of them and waits until the API server has taken them up. */
    static void install(ControlPlane plane) throws IOException, InterruptedException {
        Kubectl kubectl = plane.kubectl();
        kubectl.ok("apply", "-f", folder().toString());
        kubectl.ok("wait", "--for=condition=Established", "--timeout=60s", "-f", folder().toString());
    }

    /** One definition, by its plural. */
    static JsonNode definition(String plural) throws IOException {
        return YAML.readTree(Files.readString(folder().resolve(plural + ".interposer.dev.yaml")));
    }

    static List<JsonNode> definitions() throws IOException {
        List<JsonNode> all = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder())) {
            for (Path file : files.sorted().toList()) {
                all.add(YAML.readTree(Files.readString(file)));
            }
        }
        return all;
    }

    static String kind(JsonNode definition) {
        return definition.at("/spec/names/kind").asText();
    }

    static JsonNode spec(JsonNode definition) {
        return definition.at("/spec/versions/0/schema/openAPIV3Schema/properties/spec");
    }

    /** The files of the examples that hold objects; others tell an agent what it has. */
    static List<Path> examples() throws IOException {
        try (Stream<Path> files = Files.walk(root().resolve("examples"))) {
            List<Path> found = new ArrayList<>();
            for (Path file : files.sorted().toList()) {
                if (file.toString().endsWith(".yaml")
                        && Files.readString(file).contains("apiVersion: interposer.dev/")) {
                    found.add(file);
                }
            }
            return found;
        }
    }
}
