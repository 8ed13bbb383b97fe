package dev.interposer.server.kubernetes.pods;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.server.kubernetes.pods.MadePod.Made;
import dev.interposer.server.kubernetes.pods.MadePod.Refused;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.Toleration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PodMakerTest {
    private static final Allocation PLUGIN = Allocation.of("""
            {"allocation": "DevicePlugin", "resourceName": "nvidia.com/gpu",
             "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}]}""");

    private static final LedgerMark MARK = new LedgerMark(1, 7, 88_123);
    private static final PodPlace PLACE = new PodPlace("n7", MARK, PLUGIN, null);

    private static Pod pod(Orders orders, int worker) {
        return ((Made) PodMaker.make(orders.assign(worker), PLACE)).pod();
    }

    private static Refused refused(Orders orders) {
        return (Refused) PodMaker.make(orders.assign(0), PLACE);
    }

    private static Map<String, String> env(Pod pod) {
        Map<String, String> env = new HashMap<>();
        for (EnvVar variable : pod.getSpec().getContainers().getFirst().getEnv()) {
            assertThat(env.put(variable.getName(), variable.getValue()))
                    .as(variable.getName())
                    .isNull();
        }
        return env;
    }

    @Test
    void anOrderBecomesAPodThatOnlyThisSchedulerPlacesAndThatEndsOnce() {
        Pod pod = pod(Orders.gang(71, 4), 2);
        assertThat(pod.getMetadata().getName()).isEqualTo("llm-70b-1z-0-1-2");
        assertThat(pod.getMetadata().getNamespace()).isEqualTo("research");
        assertThat(pod.getSpec().getSchedulerName()).isEqualTo("interposer");
        assertThat(pod.getSpec().getRestartPolicy()).isEqualTo("Never");
        assertThat(pod.getSpec().getNodeName()).isNull();
        assertThat(pod.getSpec().getTerminationGracePeriodSeconds()).isEqualTo(30);
        Container main = pod.getSpec().getContainers().getFirst();
        assertThat(main.getResources().getLimits().get("nvidia.com/gpu")).hasToString("2");
        assertThat(main.getResources().getRequests().get("cpu")).hasToString("1500m");
        assertThat(main.getResources().getRequests().get("memory")).hasToString("1073741824");
        assertThat(pod.getSpec().getTolerations())
                .extracting(Toleration::getKey)
                .containsExactly("nvidia.com/gpu", "node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable");
    }

    @Test
    void theSameOrderMakesTheSamePodAndAnotherAttemptAnother() {
        assertThat(pod(Orders.gang(71, 4), 2)).isEqualTo(pod(Orders.gang(71, 4), 2));
        assertThat(pod(Orders.gang(71, 4).attempt(2), 2).getMetadata().getName())
                .isNotEqualTo(pod(Orders.gang(71, 4), 2).getMetadata().getName());
    }

    @Test
    void aPodTellsWhichWorkerItIs() {
        Pod pod = pod(Orders.gang(71, 4), 2);
        pod.getMetadata().setUid("u1");
        SeenPod seen = Objects.requireNonNull(SeenPod.of(pod));
        assertThat(seen.key()).isEqualTo(Orders.gang(71, 4).key(2));
        assertThat(seen.identity())
                .isEqualTo(new SeenPod.Identity(
                        List.of("nvidia.com/gpu-0", "nvidia.com/gpu-1"), "h100", "worker", 4, MARK));
        assertThat(seen.meantFor()).isEqualTo("n7");
        assertThat(seen.bound()).isFalse();
        pod.getMetadata().getLabels().remove("app.kubernetes.io/managed-by");
        assertThat(SeenPod.of(pod)).isNull();
    }

    @Test
    void aWorkerIsToldItsPlaceAndWhereTheGangMeets() {
        Map<String, String> env = env(pod(Orders.gang(71, 4), 2));
        assertThat(env)
                .containsEntry("RANK", "2")
                .containsEntry("WORLD_SIZE", "4")
                .containsEntry("LOCAL_RANK", "0")
                .containsEntry("LOCAL_WORLD_SIZE", "1")
                .containsEntry("NODE_RANK", "2")
                .containsEntry("MASTER_ADDR", "llm-70b-1z-0-1-0.llm-70b-1z-0-1.research.svc")
                .containsEntry("MASTER_PORT", "20007")
                .containsEntry("PET_NNODES", "4")
                .containsEntry("PET_NODE_RANK", "2")
                .containsEntry("PET_NPROC_PER_NODE", "2")
                .containsEntry("PET_RDZV_ENDPOINT", "llm-70b-1z-0-1-0.llm-70b-1z-0-1.research.svc:20007")
                .containsEntry("LWS_LEADER_ADDRESS", "llm-70b-1z-0-1-0.llm-70b-1z-0-1.research.svc")
                .containsEntry("LWS_WORKER_INDEX", "2")
                .containsEntry("LWS_GROUP_SIZE", "4")
                .containsEntry("INTERPOSER_RANK", "2")
                .containsEntry("INTERPOSER_PROFILE", "h100")
                .containsEntry("LR", "3")
                .doesNotContainKey("INTERPOSER_DEVICES");
    }

    @Test
    void whatTheServiceNamesIsWhereTheFirstPodIs() {
        Orders orders = Orders.gang(71, 4);
        Pod first = pod(orders, 0);
        Service service = GangService.of(orders.assign(3), first.getMetadata().getName(), "u0");
        assertThat(env(pod(orders, 3)).get("MASTER_ADDR"))
                .isEqualTo(first.getSpec().getHostname() + "."
                        + service.getMetadata().getName() + ".research.svc");
        assertThat(first.getSpec().getSubdomain())
                .isEqualTo(service.getMetadata().getName());
        assertThat(service.getSpec().getPublishNotReadyAddresses()).isTrue();
        assertThat(service.getSpec().getClusterIP()).isEqualTo("None");
        assertThat(first.getMetadata().getLabels())
                .containsAllEntriesOf(service.getSpec().getSelector());
        assertThat(pod(orders.attempt(2), 0).getMetadata().getLabels().get(PodLabels.ATTEMPT))
                .isNotEqualTo(service.getSpec().getSelector().get(PodLabels.ATTEMPT));
        assertThat(service.getMetadata().getOwnerReferences().getFirst().getUid())
                .isEqualTo("u0");
    }

    @Test
    void oneWorkerAloneMeetsItself() {
        Pod pod = pod(Orders.gang(71, 1), 0);
        assertThat(env(pod)).containsEntry("MASTER_ADDR", "127.0.0.1");
        assertThat(pod.getSpec().getSubdomain()).isNull();
    }

    @Test
    void whatAJobSaysItselfStaysAndMayReferToWhatItIsTold() {
        Pod pod = pod(Orders.gang(71, 2).template("""
                {"metadata": {"labels": {"team": "a", "interposer.dev/worker": "9"}},
                 "spec": {"priorityClassName": "high", "futureField": {"x": 1},
                  "tolerations": [{"key": "node.kubernetes.io/unreachable", "operator": "Exists",
                                   "effect": "NoExecute", "tolerationSeconds": 5}],
                  "containers": [{"name": "side", "image": "s"}, {"name": "main", "image": "reg/own",
                  "resources": {"requests": {"cpu": "1"}, "limits": {"rdma/hca": "1"}},
                  "env": [{"name": "MASTER_ADDR", "value": "elsewhere"}, {"name": "INTERPOSER_RANK", "value": "9"},
                          {"name": "ME", "value": "$(RANK)"},
                          {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}]}]}}"""), 1);
        Container main = pod.getSpec().getContainers().get(1);
        List<String> names = main.getEnv().stream().map(EnvVar::getName).toList();
        assertThat(main.getEnv().get(names.indexOf("MASTER_ADDR")).getValue()).isEqualTo("elsewhere");
        assertThat(main.getEnv().get(names.indexOf("INTERPOSER_RANK")).getValue())
                .isEqualTo("1");
        assertThat(main.getEnv()
                        .get(names.indexOf("IP"))
                        .getValueFrom()
                        .getFieldRef()
                        .getFieldPath())
                .isEqualTo("status.podIP");
        assertThat(names).doesNotHaveDuplicates();
        assertThat(names.indexOf("RANK")).isLessThan(names.indexOf("ME"));
        assertThat(main.getResources().getLimits()).containsOnlyKeys("rdma/hca", "nvidia.com/gpu");
        assertThat(pod.getSpec().getContainers().getFirst().getResources()).isNull();
        assertThat(pod.getMetadata().getLabels())
                .containsEntry("team", "a")
                .containsEntry("interposer.dev/worker", "1");
        assertThat(pod.getSpec().getPriorityClassName()).isEqualTo("high");
        assertThat(pod.getSpec().getAdditionalProperties()).containsKey("futureField");
        assertThat(pod.getSpec().getTolerations())
                .filteredOn(toleration -> toleration.getKey().endsWith("unreachable"))
                .singleElement()
                .extracting(Toleration::getTolerationSeconds)
                .isEqualTo(5L);
    }

    @Test
    void aPodIsOwnedByWhatStandsForItsJobInTheCluster() {
        OwnerReference owner = new OwnerReferenceBuilder()
                .withKind("TrainingJob")
                .withName("llm-70b")
                .withUid("u9")
                .build();
        MadePod made = PodMaker.make(Orders.gang(71, 1).assign(0), new PodPlace("n7", MARK, PLUGIN, owner));
        assertThat(((Made) made).pod().getMetadata().getOwnerReferences()).containsExactly(owner);
        assertThat(pod(Orders.gang(71, 1), 0).getMetadata().getOwnerReferences())
                .isEmpty();
    }

    @Test
    void aPartIsAskedForByTheResourceThatTheNodeOffersItAs() {
        Pod pod = pod(Orders.gang(71, 1).partition("3g.40gb").devices("nvidia.com/mig-3g.40gb-5"), 0);
        assertThat(pod.getSpec().getContainers().getFirst().getResources().getLimits())
                .containsOnlyKeys("nvidia.com/mig-3g.40gb");
    }

    @Test
    void workWithoutDevicesAsksForNoneAndToleratesNoDeviceTaint() {
        Pod pod = pod(Orders.gang(71, 1).withoutDevices(), 0);
        assertThat(pod.getSpec().getContainers().getFirst().getResources().getLimits())
                .isNullOrEmpty();
        assertThat(pod.getSpec().getTolerations())
                .extracting(Toleration::getKey)
                .doesNotContain("nvidia.com/gpu");
        assertThat(env(pod)).doesNotContainKey("PET_NPROC_PER_NODE");
    }

    @Test
    void aCheckpointSignalIsSentBeforeTheKubeletStops() {
        Pod pod = pod(Orders.gang(71, 1).signal("SIGUSR1"), 0);
        assertThat(pod.getSpec()
                        .getContainers()
                        .getFirst()
                        .getLifecycle()
                        .getPreStop()
                        .getExec()
                        .getCommand()
                        .getLast())
                .startsWith("kill -USR1 1;");
        assertThat(refused(Orders.gang(71, 1).signal("SIGUSR1").template("""
                {"spec": {"containers": [{"name": "main", "image": "i",
                 "lifecycle": {"preStop": {"sleep": {"seconds": 3}}}}]}}""")).field())
                .isEqualTo("profiles[h100].template.spec.containers.main.lifecycle.preStop");
    }

    @Test
    void whatOtherContainersAskForIsCountedByNobodyAndRefused() {
        Refused refused = refused(Orders.gang(71, 1).template("""
                {"spec": {"containers": [{"name": "main", "image": "i", "resources": {"requests": {"cpu": "1"}}},
                 {"name": "side", "image": "s", "resources": {"requests": {"cpu": "1"}}}]}}"""));
        assertThat(refused.text())
                .startsWith("profiles[h100].template.spec.containers ask for 2000 of cpu in all, of which 1500");
    }

    @Test
    void aPartThatTheNodeDoesNotOfferIsRefused() {
        assertThat(refused(Orders.gang(71, 1).partition("1g.10gb")).field())
                .isEqualTo("profiles[h100].accelerators.partition");
    }

    @Test
    void whatAPodCantDoIsRefusedByTheNameOfItsField() {
        assertThat(refused(Orders.gang(71, 1).share(250)).field()).isEqualTo("profiles[h100].accelerators.shareMilli");
        assertThat(refused(Orders.gang(71, 1).selfFence(60)).field()).isEqualTo("failurePolicy.onNodeLost");
        assertThat(refused(Orders.gang(71, 1).container(dev.interposer.engine.model.Container.of("", "train")))
                        .field())
                .isEqualTo("profiles[h100].template.spec.containers");
        PodPlace claims = new PodPlace("n7", MARK, Allocation.of("{\"allocation\": \"DRA\"}"), null);
        assertThat(PodMaker.make(
                        Orders.gang(71, 1).devices("gpu.nvidia.com/n7/gpu-0").assign(0), claims))
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused -> assertThat(refused.text())
                                .startsWith("profiles[h100].accelerators")
                                .contains("by DRA"));
        PodPlace silent = new PodPlace("n7", MARK, Allocation.of(""), null);
        assertThat(PodMaker.make(Orders.gang(71, 1).devices("gpu-0").assign(0), silent))
                .isInstanceOf(Refused.class);
        assertThat(refused(Orders.gang(71, 1).template("""
                {"spec": {"containers": [{"name": "main", "image": "i",
                 "resources": {"requests": {"nvidia.com/gpu": "1"}}}]}}""")).field())
                .isEqualTo("profiles[h100].template.spec.containers.main.resources");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            affinity | {"affinity": {"nodeAffinity": {}}}
            nodeSelector | {"nodeSelector": {"a": "b"}}
            nodeName | {"nodeName": "n1"}
            topologySpreadConstraints | {"topologySpreadConstraints": [{}]}
            schedulingGates | {"schedulingGates": [{"name": "g"}]}
            runtimeClassName | {"runtimeClassName": "gvisor"}
            overhead | {"overhead": {"cpu": "1"}}
            resourceClaims | {"resourceClaims": [{"name": "c"}]}
            resources | {"resources": {"requests": {"cpu": "1"}}}
            hostname | {"hostname": "h"}
            restartPolicy | {"restartPolicy": "OnFailure"}
            schedulerName | {"schedulerName": "default-scheduler"}
            containers[0].ports[0].hostPort | {"containers": [{"ports": [{"containerPort": 1, "hostPort": 1}]}]}
            containers[0].ports[0].containerPort | {"hostNetwork": true, "containers": [{"ports": [{}]}]}
            volumes[1].persistentVolumeClaim | {"volumes": [{"emptyDir": {}}, {"persistentVolumeClaim": {}}]}
            volumes[0].ephemeral | {"volumes": [{"name": "a", "ephemeral": {"volumeClaimTemplate": {}}}]}
            """)
    void whatIsNotLookedAtWhenPlacingIsRefused(String field, String spec) {
        assertThat(refused(Orders.gang(71, 1).template("{\"spec\": " + spec + "}"))
                        .field())
                .isEqualTo("profiles[h100].template.spec." + field);
    }

    @Test
    void whatTakesNoPartInPlacingIsNotRefused() {
        assertThat(PodMaker.make(Orders.gang(71, 1).template("""
                                        {"spec": {"hostNetwork": true, "affinity": {}, "nodeSelector": null,
                                         "restartPolicy": "Never", "serviceAccountName": "s",
                                         "volumes": [{"name": "a", "hostPath": {}}, {"name": "b", "nfs": {}}],
                                         "containers": [{"name": "main", "image": "i"}]}}""").assign(0), PLACE))
                .isInstanceOf(Made.class);
    }
}
