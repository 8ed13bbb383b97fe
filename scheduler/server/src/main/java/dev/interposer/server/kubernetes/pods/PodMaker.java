package dev.interposer.server.kubernetes.pods;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.interposer.control.agents.Order;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.server.kubernetes.inventory.PodResources;
import dev.interposer.server.kubernetes.pods.MadePod.Made;
import dev.interposer.server.kubernetes.pods.MadePod.Refused;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.LifecycleBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TolerationBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The pod of one worker: the job's template, and over it what makes it a worker. The same order always makes the same
 * pod.
 */
final class PodMaker {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Else Kubernetes stops what runs on a node that was silent for five minutes, and that is the job's to choose. */
    private static final List<String> OUT_OF_TOUCH =
            List.of("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable");

    private final Order.Assign order;
    private final PodPlace place;

    private PodMaker(Order.Assign order, PodPlace place) {
        this.order = order;
        this.place = place;
    }

    static MadePod make(Order.Assign order, PodPlace place) {
        PodMaker maker = new PodMaker(order, place);
        Refused refused = maker.refusal();
        if (refused != null) {
            return refused;
        }
        try {
            return maker.made();
        } catch (JsonProcessingException e) {
            return new Refused(maker.at("template"), "is no template of a pod: " + e.getOriginalMessage());
        }
    }

    private @Nullable Refused refusal() {
        if (order.shareMilli() < AcceleratorRequest.WHOLE) {
            return new Refused(
                    at("accelerators.shareMilli"),
                    "(" + order.shareMilli() + ") can't be had in Kubernetes, which knows no part of a device by"
                            + " thousandths. Maybe a partition?");
        }
        if (order.selfFenceSeconds() > 0) {
            return new Refused(
                    "failurePolicy.onNodeLost",
                    "(SelfFence) needs an agent on the node: a kubelet that hears nothing lets its pods run."
                            + " Maybe WaitForFence?");
        }
        if (order.container().image().isEmpty()) {
            return new Refused(at("template.spec.containers"), "has no image, and Kubernetes runs nothing else");
        }
        return order.deviceNames().isEmpty() ? null : devicesRefusal();
    }

    private @Nullable Refused devicesRefusal() {
        Allocation allocation = place.allocation();
        // A class may say nothing: then the devices tell what the node offers them as.
        boolean counted = allocation.kind().isEmpty() || allocation.kind().equals(Allocation.DEVICE_PLUGIN);
        if (!counted || allocation.resources(order.deviceNames()).containsKey("")) {
            String kind = allocation.kind().isEmpty() ? "not at all" : "by " + allocation.kind();
            return new Refused(
                    at("accelerators"),
                    "get class " + order.className() + ", of which pods can't ask: Kubernetes gives it out " + kind
                            + ". Maybe set kubernetes.resourceName of the class?");
        }
        boolean offered = order.partition().isEmpty()
                || allocation.resources(order.deviceNames()).keySet().stream()
                        .allMatch(resource -> resource.contains(order.partition()));
        return offered
                ? null
                : new Refused(
                        at("accelerators.partition"),
                        "(" + order.partition() + ") would have to be split off a chip, which a pod can't ask for:"
                                + " nodes must offer it as a resource of its own");
    }

    private MadePod made() throws JsonProcessingException {
        String json = order.container().templateJson();
        JsonNode tree = json.isEmpty() ? MissingNode.getInstance() : JSON.readTree(json);
        Refused unmodelled = Unmodelled.find(at("template"), tree);
        if (unmodelled != null) {
            return unmodelled;
        }
        PodTemplateSpec template = json.isEmpty() ? typed() : JSON.treeToValue(tree, PodTemplateSpec.class);
        List<Container> containers = template.getSpec().getContainers();
        int main = main(containers);
        if (main < 0) {
            return new Refused(at("template.spec.containers"), "has none named " + mainName());
        }
        Map<String, Quantity> devices = new LinkedHashMap<>();
        place.allocation()
                .resources(order.deviceNames())
                .forEach((name, count) -> devices.put(name, new Quantity(count.toString())));
        Refused asked = askedTwice(containers, devices);
        Refused signal = asked == null ? signalRefusal(containers.get(main)) : asked;
        if (signal != null) {
            return signal;
        }
        Pod pod = pod(template, main, devices);
        Refused uncounted = uncounted(pod, devices.keySet());
        return uncounted == null ? new Made(pod) : uncounted;
    }

    private int main(List<Container> containers) {
        for (int number = 0; number < containers.size(); number++) {
            if (mainName().equals(containers.get(number).getName())) {
                return number;
            }
        }
        return -1;
    }

    private String mainName() {
        String said = order.container().name();
        return said.isEmpty() ? "main" : said;
    }

    /** What a job says that was given in fields of its own, without a template. */
    private PodTemplateSpec typed() {
        dev.interposer.engine.model.Container said = order.container();
        Map<String, Quantity> requests = new TreeMap<>();
        order.requests()
                .forEach((name, amount) ->
                        requests.put(name, new Quantity(name.equals("cpu") ? amount + "m" : amount.toString())));
        Container container = new ContainerBuilder()
                .withName(mainName())
                .withImage(said.image())
                .withCommand(said.command())
                .withArgs(said.args())
                .withWorkingDir(said.workingDir().isEmpty() ? null : said.workingDir())
                .withEnv(said.env().entrySet().stream()
                        .map(variable -> new EnvVar(variable.getKey(), variable.getValue(), null))
                        .toList())
                .withResources(
                        new ResourceRequirementsBuilder().withRequests(requests).build())
                .build();
        return new PodTemplateSpecBuilder()
                .withNewSpec()
                .withContainers(container)
                .endSpec()
                .build();
    }

    private Pod pod(PodTemplateSpec template, int main, Map<String, Quantity> devices) {
        PodSpec spec = template.getSpec();
        List<Container> containers = new ArrayList<>(spec.getContainers());
        containers.set(main, worker(containers.get(main), devices));
        spec.setContainers(containers);
        spec.setSchedulerName(PodLabels.INTERPOSER);
        spec.setRestartPolicy("Never");
        if (spec.getTerminationGracePeriodSeconds() == null) {
            // With none at all the API server forgets a pod before its kubelet has stopped it.
            spec.setTerminationGracePeriodSeconds(Math.max(1, order.graceSeconds()));
        }
        spec.setHostname(PodNames.pod(order.jobName(), order.key()));
        if (order.worldSize() > 1) {
            spec.setSubdomain(PodNames.service(order.jobName(), order.key()));
        }
        spec.setTolerations(tolerations(spec.getTolerations(), !devices.isEmpty()));
        return new PodBuilder()
                .withNewMetadata()
                .withName(PodNames.pod(order.jobName(), order.key()))
                .withNamespace(order.namespace())
                .withLabels(labels(template.getMetadata()))
                .withAnnotations(annotations(template.getMetadata()))
                .withOwnerReferences(place.owner() == null ? List.of() : List.of(place.owner()))
                .endMetadata()
                .withSpec(spec)
                .build();
    }

    private List<Toleration> tolerations(List<Toleration> said, boolean devices) {
        List<Toleration> tolerations = new ArrayList<>(said);
        if (devices) {
            place.allocation().tolerations().stream()
                    .filter(toleration -> !tolerations.contains(toleration))
                    .forEach(tolerations::add);
        }
        for (String taint : OUT_OF_TOUCH) {
            if (tolerations.stream().noneMatch(toleration -> taint.equals(toleration.getKey()))) {
                tolerations.add(new TolerationBuilder()
                        .withKey(taint)
                        .withOperator("Exists")
                        .withEffect("NoExecute")
                        .build());
            }
        }
        return tolerations;
    }

    private Container worker(Container container, Map<String, Quantity> devices) {
        container.setEnv(PodEnvironment.over(order, container.getEnv()));
        if (!devices.isEmpty()) {
            ResourceRequirements resources =
                    container.getResources() == null ? new ResourceRequirements() : container.getResources();
            Map<String, Quantity> limits = new LinkedHashMap<>();
            if (resources.getLimits() != null) {
                limits.putAll(resources.getLimits());
            }
            limits.putAll(devices);
            resources.setLimits(limits);
            container.setResources(resources);
        }
        if (asksBySignal()) {
            // The kubelet itself knows SIGTERM only. It waits for this command as long as the grace lasts.
            container.setLifecycle(new LifecycleBuilder(container.getLifecycle())
                    .withNewPreStop()
                    .withNewExec()
                    .withCommand(
                            "/bin/sh",
                            "-c",
                            "kill -" + order.checkpointSignal().replaceFirst("^SIG", "")
                                    + " 1; while kill -0 1 2>/dev/null; do sleep 1; done")
                    .endExec()
                    .endPreStop()
                    .build());
        }
        return container;
    }

    private boolean asksBySignal() {
        return !order.checkpointSignal().isEmpty() && !order.checkpointSignal().equals("SIGTERM");
    }

    private @Nullable Refused signalRefusal(Container container) {
        boolean own =
                container.getLifecycle() != null && container.getLifecycle().getPreStop() != null;
        return own && asksBySignal()
                ? new Refused(
                        at("template.spec.containers." + container.getName() + ".lifecycle.preStop"),
                        "is how checkpoint.signal (" + order.checkpointSignal() + ") is sent. Maybe give one of both?")
                : null;
    }

    private @Nullable Refused askedTwice(List<Container> containers, Map<String, Quantity> devices) {
        for (Container container : containers) {
            ResourceRequirements resources = container.getResources();
            for (String device : devices.keySet()) {
                boolean limited = resources != null
                        && resources.getLimits() != null
                        && resources.getLimits().containsKey(device);
                boolean requested = resources != null
                        && resources.getRequests() != null
                        && resources.getRequests().containsKey(device);
                if (limited || requested) {
                    return new Refused(
                            at("template.spec.containers." + container.getName() + ".resources"),
                            "asks for " + device + ": devices are asked for by accelerators, never here");
                }
            }
        }
        return null;
    }

    /** What its kubelet would count and the scheduler has not: other containers than the worker's, mostly. */
    private @Nullable Refused uncounted(Pod pod, Set<String> devices) {
        for (Map.Entry<String, Long> asked : PodResources.of(pod).entrySet()) {
            long counted = order.requests().getOrDefault(asked.getKey(), 0L);
            if (asked.getValue() > counted && !devices.contains(asked.getKey())) {
                return new Refused(
                        at("template.spec.containers"),
                        "ask for " + asked.getValue() + " of " + asked.getKey() + " in all, of which " + counted
                                + " are counted: the requests of " + mainName() + ". Maybe raise those, and ask for no"
                                + " more in others?");
            }
        }
        return null;
    }

    private Map<String, String> labels(@Nullable ObjectMeta said) {
        Map<String, String> labels = new TreeMap<>();
        if (said != null && said.getLabels() != null) {
            labels.putAll(said.getLabels());
        }
        labels.putAll(PodLabels.of(order));
        return labels;
    }

    private Map<String, String> annotations(@Nullable ObjectMeta said) {
        Map<String, String> annotations = new TreeMap<>();
        if (said != null && said.getAnnotations() != null) {
            annotations.putAll(said.getAnnotations());
        }
        annotations.put(PodLabels.DEVICES, String.join(",", order.deviceNames()));
        annotations.put(PodLabels.LEDGER, place.mark().text());
        annotations.put(PodLabels.PROFILE, order.profileName());
        annotations.put(PodLabels.WORLD_SIZE, Integer.toString(order.worldSize()));
        annotations.put(PodLabels.CONTAINER, mainName());
        annotations.put(PodLabels.NODE, place.node());
        return annotations;
    }

    private String at(String field) {
        return "profiles[" + order.profileName() + "]." + field;
    }
}
