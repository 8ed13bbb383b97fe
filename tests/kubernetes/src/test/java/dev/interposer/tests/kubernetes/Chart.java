package dev.interposer.tests.kubernetes;

import dev.interposer.tests.e2e.Installation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The chart, by the real helm. */
final class Chart {
    static final String NAMESPACE = "interposer-system";
    static final String RELEASE = "interposer";

    private Chart() {}

    static Path folder() {
        return Installation.root().resolve("deploy/helm/interposer");
    }

    /** Values and what they are rendered to. */
    static Path cases() {
        return Installation.root().resolve("tests/kubernetes/src/test/resources/chart");
    }

    static Path values(String name) {
        return cases().resolve(name + ".values.yaml");
    }

    /** Helm, as the user of a kubeconfig; it keeps what it keeps in a folder. */
    static Command helm(Path folder, Path kubeconfig) throws IOException, InterruptedException {
        return new Command(
                List.of(Binaries.program("helm").toString()),
                folder,
                Map.of(
                        "KUBECONFIG", kubeconfig.toString(),
                        "HELM_CACHE_HOME", folder.resolve("helm/cache").toString(),
                        "HELM_CONFIG_HOME", folder.resolve("helm/config").toString(),
                        "HELM_DATA_HOME", folder.resolve("helm/data").toString()));
    }

    /** What a release of values is, without a cluster to ask. */
    static Command.Said template(Path values, String... more) throws IOException, InterruptedException {
        Path all = Installation.root().resolve("tests/kubernetes/target/chart");
        Files.createDirectories(all);
        List<String> words = new ArrayList<>(List.of("template", RELEASE, folder().toString()));
        words.addAll(List.of("--namespace", NAMESPACE, "--kube-version", "1.37.2"));
        for (String kind : List.of("MutatingAdmissionPolicy", "ValidatingAdmissionPolicy")) {
            words.addAll(List.of("--api-versions", "admissionregistration.k8s.io/v1/" + kind));
            words.addAll(List.of("--api-versions", "admissionregistration.k8s.io/v1/" + kind + "Binding"));
        }
        words.addAll(List.of("--values", values.toString()));
        words.addAll(List.of(more));
        return helm(all, Path.of("/nonexistent")).run(words.toArray(String[]::new));
    }
}
