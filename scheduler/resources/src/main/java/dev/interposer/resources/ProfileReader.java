package dev.interposer.resources;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.interposer.control.validate.JobCheck;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.ClassSelector;
import dev.interposer.engine.model.Container;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.model.WorkerCount;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Profiles, each with the job's template laid under its own. */
final class ProfileReader {
    private static final String ONLY_ROLE = "worker";

    /** Names under which device plugins hand out devices: those are asked for by {@code accelerators}. */
    private static final Set<String> DEVICE_SUFFIXES =
            Set.of("/gpu", "/gaudi", "/neuron", "/tpu", "/Ascend910", "/npu");

    private final JsonNode template;

    ProfileReader(JsonNode template) {
        this.template = template;
    }

    Profile read(Fields profile) {
        String name = profile.required("name");
        JsonNode own = PodTemplates.merge(template, profile.raw("template"));
        TopologyRequest topology = topology(profile.fields("topology"));
        String format = profile.text("checkpointFormat", "");
        List<Role> roles;
        if (profile.has("roles")) {
            roles = profile.list("roles", role -> role(role, role.required("name"), count(role), own));
        } else {
            WorkerCount workers = workers(profile.optional("workers"));
            roles = List.of(role(profile, ONLY_ROLE, workers, own));
        }
        if (profile.has("roles") && (profile.has("workers") || profile.has("accelerators"))) {
            profile.problems()
                    .invalid(
                            profile.path("roles"),
                            name,
                            "takes the place of workers and accelerators; give one of both");
        }
        return new Profile(name, roles, topology, format);
    }

    private Role role(Fields fields, String name, int count, JsonNode base) {
        return role(fields, name, WorkerCount.of(count), PodTemplates.merge(base, fields.raw("template")));
    }

    private Role role(Fields fields, String name, WorkerCount workers, JsonNode merged) {
        Fields accelerators = fields.fields("accelerators");
        String named = accelerators.text("container", "");
        AcceleratorRequest request = fields.has("accelerators") ? accelerators(accelerators) : AcceleratorRequest.NONE;
        JsonNode container = PodTemplates.mainContainer(merged, named);
        String at = fields.path("template.spec.containers");
        if (container == null) {
            fields.problems().invalid(at, named, "has no container" + (named.isEmpty() ? "" : " of this name"));
            container = MissingNode.getInstance();
        }
        Fields main = new Fields(container, at, fields.problems());
        return new Role(name, workers, request, requests(main), container(main, merged));
    }

    private static WorkerCount workers(@Nullable Fields fields) {
        if (fields == null) {
            return WorkerCount.of(1);
        }
        boolean fixed = fields.has("count");
        int min = fixed ? count(fields) : fields.small("min", 1);
        int max = fixed ? min : fields.small("max", min);
        int step = fixed ? 1 : fields.small("step", 1);
        if (fixed && (fields.has("min") || fields.has("max") || fields.has("step"))) {
            fields.problems()
                    .invalid(fields.path("count"), min, "takes the place of min, max and step; give one of both");
        }
        fields.finish();
        return new WorkerCount(min, max, step);
    }

    /** Checked here: in the model it is a least and a most, and these the user never wrote. */
    private static int count(Fields fields) {
        int count = fields.small("count", 1);
        if (count >= 1 && count <= JobCheck.MOST_WORKERS) {
            return count;
        }
        fields.problems().invalid(fields.path("count"), count, "must be between 1 and " + JobCheck.MOST_WORKERS);
        return 1;
    }

    private static AcceleratorRequest accelerators(Fields fields) {
        ClassSelector selector = null;
        Fields selecting = fields.optional("selector");
        if (selecting != null) {
            selector = new ClassSelector(
                    selecting.texts("classNames"),
                    selecting.text("chipFamily", ""),
                    selecting.quantity("minMemory", 0),
                    selecting.texts("dtypes"));
            selecting.finish();
        }
        AcceleratorRequest request = new AcceleratorRequest(
                fields.text("className", ""),
                selector,
                fields.small("perWorker", 1),
                fields.small("shareMilli", AcceleratorRequest.WHOLE),
                fields.text("partition", ""));
        fields.finish();
        return request;
    }

    private static TopologyRequest topology(Fields fields) {
        Fields groups = fields.fields("groups");
        TopologyRequest topology = new TopologyRequest(
                fields.text("required", ""),
                fields.text("preferred", ""),
                groups.small("size", 0),
                groups.text("required", ""));
        groups.finish();
        fields.finish();
        return topology;
    }

    private static Map<String, Long> requests(Fields container) {
        Fields resources = container.fields("resources");
        // As an API server does it: a limit alone is a request too.
        Map<String, Long> requests = resources.resources("limits");
        requests.putAll(resources.resources("requests"));
        for (String name : requests.keySet()) {
            if (DEVICE_SUFFIXES.stream().anyMatch(name::endsWith)) {
                resources
                        .problems()
                        .invalid(
                                resources.path("requests." + name),
                                requests.get(name),
                                "devices are asked for by accelerators, never here");
            }
        }
        return requests;
    }

    private static Container container(Fields fields, JsonNode merged) {
        Map<String, String> env = new TreeMap<>();
        for (JsonNode variable : fields.raw("env")) {
            env.put(variable.path("name").asText(), variable.path("value").asText());
        }
        return new Container(
                fields.text("name", "main"),
                fields.text("image", ""),
                fields.texts("command"),
                fields.texts("args"),
                env,
                fields.text("workingDir", ""),
                CanonicalJson.of(merged));
    }
}
