package dev.interposer.server.kubernetes.inventory;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The makers of chips, by the resources that their device plugins offer. */
public final class VendorTable {
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    private static final String BUILT_IN = "/kubernetes-vendors.yaml";
    private static final Set<String> FIELDS = Set.of(
            "vendor",
            "resource",
            "partitions",
            "driver",
            "attributes",
            "partitionMark",
            "memoryLabel",
            "memoryUnit",
            "replicasLabel",
            "domainLabel");

    private final Map<String, VendorRow> byResource;

    private VendorTable(Map<String, VendorRow> byResource) {
        this.byResource = byResource;
    }

    /** What is built in, and the rows of a file over it. */
    public static VendorTable load(Optional<Path> file) throws IOException {
        Map<String, VendorRow> rows = new LinkedHashMap<>(builtIn());
        if (file.isPresent()) {
            rows.putAll(
                    read(YAML.readTree(Files.readString(file.get())), file.get().toString()));
        }
        return new VendorTable(rows);
    }

    public Collection<VendorRow> rows() {
        return List.copyOf(byResource.values());
    }

    /** The row whose driver of dynamic resource allocation that is; null if there is none. */
    @Nullable
    VendorRow ofDriver(String driver) {
        return byResource.values().stream()
                .filter(row -> !row.driver().isEmpty() && row.driver().equals(driver))
                .findFirst()
                .orElse(null);
    }

    /** Whether a resource of nodes and pods stands for devices. */
    public boolean isDevice(String resource) {
        return byResource.containsKey(resource)
                || byResource.values().stream()
                        .anyMatch(row -> !row.partitions().isEmpty() && resource.startsWith(row.partitions()));
    }

    private static Map<String, VendorRow> builtIn() {
        try (InputStream in = VendorTable.class.getResourceAsStream(BUILT_IN)) {
            if (in == null) {
                throw new IllegalStateException(BUILT_IN + " is not in the jar");
            }
            return read(YAML.readTree(in), BUILT_IN);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, VendorRow> read(JsonNode file, String name) throws IOException {
        JsonNode rows = file.path("rows");
        if (!rows.isArray()) {
            throw new IOException(name + ": rows must be a list");
        }
        Map<String, VendorRow> read = new LinkedHashMap<>();
        for (JsonNode row : rows) {
            VendorRow one = row(row, name + ": rows[" + read.size() + "]");
            read.put(one.resource(), one);
        }
        return read;
    }

    private static VendorRow row(JsonNode row, String path) throws IOException {
        for (var entry : row.properties()) {
            if (!FIELDS.contains(entry.getKey())) {
                throw new IOException(path + "." + entry.getKey() + " is unknown. Maybe one of " + FIELDS + "?");
            }
        }
        for (String needed : List.of("vendor", "resource")) {
            if (row.path(needed).asText().isEmpty()) {
                throw new IOException(path + "." + needed + " is missing");
            }
        }
        Map<String, String> attributes = new TreeMap<>();
        row.path("attributes")
                .properties()
                .forEach(
                        entry -> attributes.put(entry.getKey(), entry.getValue().asText()));
        return new VendorRow(
                row.path("vendor").asText(),
                row.path("resource").asText(),
                row.path("partitions").asText(),
                row.path("driver").asText(),
                attributes,
                row.path("partitionMark").asText(),
                row.path("memoryLabel").asText(),
                row.path("memoryUnit").asText(),
                row.path("replicasLabel").asText(),
                row.path("domainLabel").asText());
    }
}
