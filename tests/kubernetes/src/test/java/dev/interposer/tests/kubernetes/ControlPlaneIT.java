package dev.interposer.tests.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What the other suites stand on. */
class ControlPlaneIT {
    @Test
    void aRealApiServerAnswersARealKubectlAndComesBackAfterAKill() throws Exception {
        try (ControlPlane plane = new ControlPlane("plane", "nobody").withControllerManager()) {
            assertThat(plane.kubectl().ok("version")).contains("Server Version: v1.37");
            plane.kubectl().apply("""
                    apiVersion: v1
                    kind: Node
                    metadata: {name: n1}
                    """);
            assertThat(plane.kubectl("nobody").refused("get", "nodes")).contains("nobody");
            plane.kill("kube-apiserver");
            assertThat(plane.kubectl().run("get", "nodes").code()).isNotZero();
            plane.startApiServer();
            assertThat(plane.kubectl().ok("get", "nodes", "-o", "name")).isEqualTo("node/n1\n");
            assertThat(plane.client().nodes().withName("n1").get()).isNotNull();
        }
    }
}
