package dev.interposer.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.interposer.proto.fleet.v1.ApplyRequest;
import dev.interposer.proto.fleet.v1.Coverage;
import dev.interposer.proto.fleet.v1.DeleteRequest;
import dev.interposer.proto.fleet.v1.GetCoverageRequest;
import dev.interposer.proto.fleet.v1.GetSupplyRequest;
import dev.interposer.proto.fleet.v1.ListOrdersRequest;
import dev.interposer.proto.fleet.v1.ListPoliciesRequest;
import dev.interposer.proto.fleet.v1.PartyCoverage;
import dev.interposer.proto.fleet.v1.PolicyState;
import dev.interposer.proto.fleet.v1.RuleState;
import dev.interposer.proto.fleet.v1.Supply;
import dev.interposer.proto.fleet.v1.SupplyTier;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Supply of the example fleet, asked of a real server: 32 of NVIDIA, 16 of AMD, 24 in-house chips. */
class SupplyIT {
    private static Installation installation;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        installation = new Installation();
        installation.awaitLeader();
        Requests.applySamples(installation);
        installation.startAgent("simulated", installation.example("fleet.yaml"));
        installation.awaitNodes(12);
        installation.fleet().apply(Requests.manifest(installation, "supply.yaml"));
        installation.jobs().submit(Requests.job("pinned", "nvidia-h100-sxm", 8, "sleep", "300"));
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (supply().getPolicies(0).getRules(0).getShareMilliPercent() == 0 && System.nanoTime() < deadline) {
            Thread.sleep(100);
        }
    }

    @AfterAll
    static void stop() {
        installation.close();
    }

    private static Supply supply() throws IOException {
        return installation.fleet().getSupply(GetSupplyRequest.getDefaultInstance());
    }

    @Test
    void ordersAndPoliciesAreKeptAndListed() throws Exception {
        assertThat(installation
                        .fleet()
                        .listOrders(ListOrdersRequest.getDefaultInstance())
                        .getOrdersList())
                .singleElement()
                .satisfies(order -> {
                    assertThat(order.getOrdered()).isEqualTo(24);
                    assertThat(order.getReceived()).isZero();
                });
        assertThat(installation
                        .fleet()
                        .listPolicies(ListPoliciesRequest.getDefaultInstance())
                        .getPoliciesList())
                .singleElement()
                .satisfies(policy -> assertThat(policy.getRulesList()).hasSize(2));
        StatusRuntimeException refused = catchThrowableOfType(
                StatusRuntimeException.class,
                () -> installation
                        .fleet()
                        .delete(DeleteRequest.newBuilder()
                                .setKind("Supplier")
                                .setName("tsmc")
                                .build()));
        assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    }

    @Test
    void sharesAddUpAndUnknownFoundriesAreAnInterval() throws Exception {
        Supply supply = supply();
        SupplyTier designers = tier(supply, "Designer");
        assertThat(designers.getReferenceMilli()).isEqualTo(72_000);
        assertThat(designers.getSuppliersList().getFirst().getSupplierName()).isEqualTo("nvidia");
        assertThat(designers.getSuppliersList().getFirst().getLeastMilliPercent())
                .isEqualTo(44_444);
        assertThat(designers.getLeast()).isEqualTo(designers.getMost());
        assertThat(designers.getLeast().getHhi()).isEqualTo(3580);
        SupplyTier foundries = tier(supply, "Foundry");
        assertThat(foundries.getUnknownMilliPercent()).isEqualTo(33_333);
        assertThat(foundries.getMost().getHhi()).isEqualTo(10_000);
        assertThat(foundries.getLeast().getHhi()).isEqualTo(5556);
    }

    @Test
    void rulesAreHeldAgainstWhatIsInstalled() throws Exception {
        assertThat(supply().getPoliciesList())
                .singleElement()
                .satisfies(policy -> assertThat(policy.getRulesList())
                        .extracting(RuleState::getInstalledMilliPercent)
                        .containsExactly(44_444, 66_667));
    }

    @Test
    void coverageIsReckonedOnACopyAndNamesTheEffect() throws Exception {
        Coverage coverage = installation
                .fleet()
                .getCoverage(
                        GetCoverageRequest.newBuilder().setSupplierName("tsmc").build());
        assertThat(coverage.getPartiesList()).singleElement().satisfies(party -> {
            assertThat(party.getTier()).isEqualTo("Foundry");
            assertThat(party.getEffect()).isEqualTo("StopsDeliveries");
            assertThat(party.getLostDevices()).isEqualTo(48);
        });
        assertThat(installation
                        .fleet()
                        .getCoverage(GetCoverageRequest.getDefaultInstance())
                        .getPartiesList())
                .extracting(PartyCoverage::getSupplierName)
                .contains("nvidia", "amd", "inhouse", "tsmc");
    }

    @Test
    void restSaysTheSame() throws Exception {
        String token = Files.readString(installation.home().resolve("token")).strip();
        assertThat(installation.get("/api/v1/supply", "").statusCode()).isEqualTo(401);
        assertThat(installation.get("/api/v1/supply", token).body()).contains("\"leastMilliPercent\": 44444");
        assertThat(installation
                        .get("/api/v1/supply/coverage?without=amd", token)
                        .body())
                .contains("\"effect\": \"StopsChips\"");
        assertThat(installation.get("/api/v1/orders", token).body()).contains("inhouse-a1-2027h1");
        assertThat(installation.get("/api/v1/policies", token).body()).contains("independence");
    }

    @Test
    void metricsHaveTheValuesOfTheReport() throws Exception {
        // 8 of 72 chips run what only one designer has.
        String installed = "measure='Installed',";
        String nvidia = "supplier='nvidia',tier='Designer'}";
        String rule = "{enforcement='Hard',policy='independence',rule='0'," + nvidia;
        Map<String, Double> expected = Map.of(
                "interposer_sourcing_policy_met{policy='independence'}",
                1.0,
                "interposer_sourcing_rule_share_ratio" + rule,
                0.11111,
                "interposer_sourcing_rule_pinned_ratio" + rule,
                0.11111,
                "interposer_sourcing_rule_stranded_reference_devices" + rule,
                0.0,
                "interposer_supply_share_ratio{bound='least'," + installed + nvidia,
                0.44444,
                "interposer_supply_effective_suppliers{bound='least'," + installed + "tier='Designer'}",
                2.793,
                "interposer_supply_hhi{bound='most'," + installed + "tier='Foundry'}",
                10_000.0,
                "interposer_supply_scarcity{class='amd-mi300x'}",
                0.0,
                "interposer_supply_loss_coverage_ratio{mode='replan'," + nvidia,
                0.0,
                "interposer_supply_loss_coverage_ratio{mode='still',supplier='amd',tier='Designer'}",
                1.0);
        String token = Files.readString(installation.home().resolve("token")).strip();
        Map<String, Double> found = Map.of();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(150);
        while (!found.equals(expected) && System.nanoTime() < deadline) {
            Thread.sleep(500);
            found = installation
                    .get("/q/metrics", token)
                    .body()
                    .replace('"', '\'')
                    .lines()
                    .filter(line -> expected.containsKey(line.substring(0, Math.max(0, line.lastIndexOf(' ')))))
                    .collect(Collectors.toMap(
                            line -> line.substring(0, line.lastIndexOf(' ')),
                            line -> Double.valueOf(line.substring(line.lastIndexOf(' ') + 1))));
        }
        assertThat(found).isEqualTo(expected);
    }

    @Test
    void whatOthersUseIsAMetricOfItsOwn() throws Exception {
        String token = Files.readString(installation.home().resolve("token")).strip();
        String line = "interposer_supply_foreign_devices{class=\"amd-mi300x\",supplier=\"amd\"} 0.0";
        boolean found = false;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!found && System.nanoTime() < deadline) {
            Thread.sleep(500);
            found = installation.get("/q/metrics", token).body().lines().anyMatch(line::equals);
        }
        assertThat(found).as(line).isTrue();
    }

    @Test
    void aClassMayRecogniseItsDevicesByAnExpression() throws Exception {
        installation.fleet().apply(byExpression("device.attributes['gpu.nvidia.com'].productName == 'NVIDIA H200'"));
        installation
                .fleet()
                .delete(DeleteRequest.newBuilder()
                        .setKind("AcceleratorClass")
                        .setName("by-expression")
                        .build());
        StatusRuntimeException refused = catchThrowableOfType(
                StatusRuntimeException.class,
                () -> installation.fleet().apply(byExpression("device.attributes['gpu.nvidia.com'].index = 3")));
        assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(refused.getStatus().getDescription())
                .contains("AcceleratorClass/by-expression.spec.match[0].dra.cel", "is no expression in CEL at line 1");
    }

    private static ApplyRequest byExpression(String expression) {
        return ApplyRequest.newBuilder().setManifest("""
                        apiVersion: interposer.dev/v1alpha1
                        kind: AcceleratorClass
                        metadata: {name: by-expression}
                        spec:
                          supplierName: nvidia
                          match:
                          - dra:
                              driver: gpu.nvidia.com
                              cel: "%s"
                        """.formatted(expression)).build();
    }

    @Test
    void whatIsAskedOfReplicasIsJudgedAndTheTablesSaySo() throws Exception {
        installation.fleet().apply(ApplyRequest.newBuilder().setManifest("""
                                apiVersion: interposer.dev/v1alpha1
                                kind: SourcingPolicy
                                metadata: {name: replicas}
                                spec: {inference: {tier: Designer, minSuppliers: 9}}
                                """).build());
        try {
            PolicyState state = supply().getPoliciesList().stream()
                    .filter(policy -> policy.getName().equals("replicas"))
                    .findFirst()
                    .orElseThrow();
            assertThat(state.getMet()).isFalse();
            assertThat(state.getInference().getCause()).isEqualTo("TooFewSuppliers");
            assertThat(state.getInference().getInstalledSuppliers()).isEqualTo(3);
            Typed typed = new Typed(installation.home());
            Typed.Said said = typed.run("supply", "--server", installation.address());
            assertThat(said.code()).isZero();
            assertThat(said.text()).contains("SCARCITY", "EFFECTIVE", "PINNED RUNNING h", "STRANDED");
            assertThat(said.text().lines().filter(line -> line.startsWith("replicas")))
                    .singleElement()
                    .asString()
                    .contains("9 suppliers", "TooFewSuppliers");
            assertThat(typed.run("supply", "coverage", "--without", "nvidia", "--server", installation.address())
                            .text())
                    .contains("stops chips", "no place for: research/pinned");
        } finally {
            installation
                    .fleet()
                    .delete(DeleteRequest.newBuilder()
                            .setKind("SourcingPolicy")
                            .setName("replicas")
                            .build());
        }
    }

    @Test
    void whatIsWrongIsNamed() throws Exception {
        StatusRuntimeException horizon = catchThrowableOfType(
                StatusRuntimeException.class,
                () -> installation
                        .fleet()
                        .getSupply(GetSupplyRequest.newBuilder()
                                .setHorizonSeconds(-1)
                                .build()));
        assertThat(horizon.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(horizon.getStatus().getDescription()).contains("horizonSeconds");
        StatusRuntimeException nobody = catchThrowableOfType(
                StatusRuntimeException.class,
                () -> installation
                        .fleet()
                        .getCoverage(GetCoverageRequest.newBuilder()
                                .setSupplierName("nobody")
                                .build()));
        assertThat(nobody.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
        StatusRuntimeException policy = catchThrowableOfType(
                StatusRuntimeException.class,
                () -> installation
                        .fleet()
                        .apply(ApplyRequest.newBuilder().setManifest("""
                                apiVersion: interposer.dev/v1alpha1
                                kind: SourcingPolicy
                                metadata: {name: wrong}
                                spec:
                                  rules: [{tier: Designer, supplierName: nobody, capPercent: 50, enforcement: Report}]
                                """).build()));
        assertThat(policy.getStatus().getDescription()).contains("spec.rules[0].supplierName");
    }

    private static SupplyTier tier(Supply supply, String name) {
        return supply.getTiersList().stream()
                .filter(tier -> tier.getTier().equals(name) && tier.getMeasure().equals("Installed"))
                .findFirst()
                .orElseThrow();
    }
}
