package dev.interposer.resources;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.interposer.control.command.ErrorCode;
import dev.interposer.control.command.FieldError;
import dev.interposer.engine.model.JobKind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;

/**
 * Reads manifests: the same text that kubectl applies, YAML or JSON, one or more documents. Strict: what is unknown or
 * of another type is an error that names its field. What it gives is sound in form; whether it may be applied is for
 * the scheduler to say.
 */
public final class Manifests {
    /** Bound on a manifest, characters. */
    public static final int MOST_CHARACTERS = 1024 * 1024;

    public static final String API_VERSION = "interposer.dev/v1alpha1";

    private static final int MOST_DOCUMENTS = 1000;
    private static final String DEFAULT_NAMESPACE = "default";
    private static final List<String> KINDS = List.of(
            "AcceleratorClass", "InferenceJob", "JobQueue", "SourcingPolicy", "Supplier", "SupplyOrder", "TrainingJob");
    private static final List<String> WRITTEN_BY_SERVERS = List.of(
            "creationTimestamp",
            "deletionGracePeriodSeconds",
            "deletionTimestamp",
            "finalizers",
            "generateName",
            "generation",
            "managedFields",
            "ownerReferences",
            "resourceVersion",
            "selfLink",
            "uid");
    private static final ObjectMapper MAPPER = mapper();

    private Manifests() {}

    public static List<Manifest> parse(String text) throws ManifestException {
        if (text.length() > MOST_CHARACTERS) {
            throw single("", text.length() + " characters", "is longer than " + MOST_CHARACTERS + ". Maybe split it?");
        }
        List<JsonNode> documents = documents(text);
        Problems problems = new Problems();
        List<Manifest> manifests = new ArrayList<>();
        for (int index = 0; index < documents.size(); index++) {
            Manifest manifest = read(documents.get(index), documents.size() == 1 ? "" : "[" + index + "]", problems);
            if (manifest != null) {
                manifests.add(manifest);
            }
        }
        problems.throwIfAny();
        return manifests;
    }

    /** One object as an API server has it. */
    public static Manifest of(JsonNode object) throws ManifestException {
        Problems problems = new Problems();
        Manifest manifest = read(object, "", problems);
        problems.throwIfAny();
        if (manifest == null) {
            throw single("", "", "holds no object");
        }
        return manifest;
    }

    private static List<JsonNode> documents(String text) throws ManifestException {
        List<JsonNode> documents = new ArrayList<>();
        try (MappingIterator<JsonNode> iterator =
                MAPPER.readerFor(JsonNode.class).readValues(text)) {
            while (iterator.hasNextValue()) {
                JsonNode document = iterator.nextValue();
                if (document != null && !isEmpty(document)) {
                    documents.add(document);
                }
                if (documents.size() > MOST_DOCUMENTS) {
                    throw single("", documents.size(), "has more than " + MOST_DOCUMENTS + " documents");
                }
            }
        } catch (JsonProcessingException e) {
            String where = e.getLocation() == null
                    ? ""
                    : "line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr();
            throw single(where, "", "is neither YAML nor JSON: " + firstLine(e.getOriginalMessage()));
        } catch (IOException | RuntimeException e) {
            // Runtime: what the YAML library throws at aliases and depths beyond its bounds.
            throw single("", "", "can't be read: " + firstLine(e.getMessage()));
        }
        if (documents.isEmpty()) {
            throw single("", "", "holds no object");
        }
        return documents;
    }

    /** Between or after two separators stands nothing, which the YAML library gives as an empty text. */
    private static boolean isEmpty(JsonNode document) {
        return document.isNull()
                || document.isMissingNode()
                || (document.isTextual() && document.asText().isEmpty());
    }

    private static @Nullable Manifest read(JsonNode document, String path, Problems problems) {
        Fields top = new Fields(document, path, problems);
        String version = top.required("apiVersion");
        String kind = top.required("kind");
        if (!version.equals(API_VERSION) && !version.isEmpty()) {
            problems.invalid(top.path("apiVersion"), version, "must be " + API_VERSION);
        }
        Fields metadata = top.fields("metadata");
        String name = metadata.required("name");
        String namespace = metadata.text("namespace", DEFAULT_NAMESPACE);
        Map<String, String> labels = metadata.textMap("labels");
        metadata.textMap("annotations");
        // What an API server writes beside: objects are read as it gives them.
        WRITTEN_BY_SERVERS.forEach(metadata::raw);
        metadata.finish();
        top.raw("status");
        Fields spec = top.fields("spec");
        if (!top.has("spec")) {
            problems.invalid(top.path("spec"), "", "is missing");
            return null;
        }
        top.finish();
        return switch (kind) {
            case "TrainingJob" ->
                new Manifest.Job(
                        kind,
                        namespace,
                        name,
                        JobReader.read(spec, JobKind.TRAINING).labelled(labels));
            case "InferenceJob" ->
                new Manifest.Job(
                        kind,
                        namespace,
                        name,
                        JobReader.read(spec, JobKind.INFERENCE).labelled(labels));
            case "Supplier" -> new Manifest.Supplier(ObjectReader.supplier(name, spec));
            case "AcceleratorClass" -> new Manifest.ChipClass(ObjectReader.chipClass(name, spec));
            case "JobQueue" -> new Manifest.Queue(ObjectReader.queue(name, spec));
            case "SupplyOrder" -> new Manifest.Order(SupplyReader.order(name, spec));
            case "SourcingPolicy" -> new Manifest.Policy(SupplyReader.policy(name, spec));
            default -> {
                if (!kind.isEmpty()) {
                    problems.invalid(top.path("kind"), kind, "is unknown. Maybe one of " + KINDS + "?");
                }
                yield null;
            }
        };
    }

    private static ManifestException single(String path, Object value, String message) {
        FieldError error = new FieldError(path.isEmpty() ? "manifest" : path, String.valueOf(value), message);
        return new ManifestException(ErrorCode.INVALID, List.of(error));
    }

    private static String firstLine(@Nullable String message) {
        return message == null ? "no reason given" : message.lines().findFirst().orElse("");
    }

    private static ObjectMapper mapper() {
        LoaderOptions bounds = new LoaderOptions();
        bounds.setMaxAliasesForCollections(20);
        bounds.setNestingDepthLimit(40);
        bounds.setCodePointLimit(MOST_CHARACTERS * 4);
        bounds.setAllowDuplicateKeys(false);
        YAMLFactory factory = YAMLFactory.builder()
                .loaderOptions(bounds)
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .build();
        return new ObjectMapper(factory);
    }
}
