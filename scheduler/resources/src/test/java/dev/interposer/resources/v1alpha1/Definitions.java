package dev.interposer.resources.v1alpha1;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.crdv2.generator.CRDPostProcessor;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The definitions of all kinds, generated from their classes. */
final class Definitions {
    /** With specs and status as their type parameters say. */
    static final List<Class<? extends HasMetadata>> KINDS = List.of(
            AcceleratorClass.class,
            InferenceJob.class,
            JobQueue.class,
            SourcingPolicy.class,
            Supplier.class,
            SupplyOrder.class,
            TrainingJob.class);

    private static final String PACKAGE = Definitions.class.getPackageName() + ".";
    private static final String HEAD = """
            # Made from the classes of scheduler/resources. To change it, change them, and then:
            # ./mvnw -pl scheduler/resources -am test -Dtest=DefinitionsTest -Dinterposer.crds.update=true
            """;

    private static final Pattern BOUND = Pattern.compile("(?m)(?<=^ {0,99})(m(?:ax|in)imum: )([0-9.E]+)$");

    private Definitions() {}

    /** Names of files and their text. */
    static Map<String, String> generate() {
        Map<String, ByteArrayOutputStream> written = new HashMap<>();
        new CRDGenerator()
                .customResourceClasses(KINDS)
                // With quotes throughout: without them the words True and False of a condition would be no texts.
                .withMinQuotes(false)
                .withPostProcessor(new Finish())
                .withOutput(new CRDGenerator.CRDOutput<ByteArrayOutputStream>() {
                    @Override
                    public ByteArrayOutputStream outputFor(String name) {
                        return written.computeIfAbsent(name, none -> new ByteArrayOutputStream());
                    }

                    @Override
                    public void close() {
                        // Holds nothing.
                    }
                })
                .generate();
        Map<String, String> files = new TreeMap<>();
        written.forEach((name, bytes) -> files.put(
                name.substring(0, name.lastIndexOf("-v1")) + ".yaml",
                HEAD + body(bytes.toString(StandardCharsets.UTF_8))));
        return files;
    }

    /** Without the generator's own head, and with bounds as people write them, where it has 3.16224E8. */
    private static String body(String yaml) {
        String numbers = BOUND.matcher(yaml)
                .replaceAll(bound -> bound.group(1)
                        + new BigDecimal(bound.group(2)).setScale(0).toPlainString());
        return numbers.lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line + "\n")
                .collect(Collectors.joining());
    }

    static Class<?> type(String simpleName) {
        try {
            return Class.forName(PACKAGE + simpleName);
        } catch (ClassNotFoundException e) {
            throw new IllegalArgumentException(simpleName, e);
        }
    }

    /** What the generator leaves out. */
    private static final class Finish implements CRDPostProcessor {
        @Override
        public HasMetadata process(HasMetadata made, String version) {
            CustomResourceDefinition definition = (CustomResourceDefinition) made;
            // Who uninstalls the scheduler keeps the objects: without their definition they would be deleted.
            definition.getMetadata().setAnnotations(Map.of("helm.sh/resource-policy", "keep"));
            String kind = definition.getSpec().getNames().getKind();
            definition.getSpec().getNames().setListKind(kind + "List");
            for (CustomResourceDefinitionVersion each : definition.getSpec().getVersions()) {
                JSONSchemaProps root = each.getSchema().getOpenAPIV3Schema();
                root.setDescription(
                        type(kind).getAnnotation(JsonClassDescription.class).value());
                root.setRequired(List.of("spec"));
                JSONSchemaProps spec = SchemaFinish.property(root, "spec");
                JSONSchemaProps status = SchemaFinish.property(root, "status");
                spec.setDescription("What is wanted.");
                status.setDescription("What the scheduler saw. It alone writes it.");
                each.setAdditionalPrinterColumns(inOrder(each.getAdditionalPrinterColumns(), type(kind)));
                SchemaFinish.finish(spec, type(kind + "Spec"));
                SchemaFinish.finish(status, type(kind + "Status"));
            }
            return definition;
        }

        /** As the class lists them; the generator sorts them by path. */
        private static List<CustomResourceColumnDefinition> inOrder(
                List<CustomResourceColumnDefinition> columns, Class<?> kind) {
            List<String> names = Stream.of(kind.getAnnotationsByType(AdditionalPrinterColumn.class))
                    .map(AdditionalPrinterColumn::name)
                    .toList();
            return columns.stream()
                    .sorted(Comparator.comparingInt(column -> names.indexOf(column.getName())))
                    .toList();
        }
    }
}
