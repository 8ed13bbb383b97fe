package dev.interposer.server.kubernetes.pods;

import dev.interposer.engine.model.EndCause;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * From the status of a pod to the cause of its worker's end: the table of docs/KUBERNETES.md. What follows from a cause
 * is said by {@link EndCause}.
 *
 * <p>Whose wish an end was is looked at first, then what the kubelet did, and only then what the program said: a
 * program that is being stopped says all manner of things.
 */
final class PodEnds {
    /** Reasons with which a kubelet itself puts a pod out that had begun. */
    private static final Set<String> PUT_OUT =
            Set.of("Evicted", "Preempting", "Preempted", "Shutdown", "NodeShutdown", "Terminated");

    private static final Set<String> IMAGE = Set.of(
            "ErrImagePull",
            "ImagePullBackOff",
            "ImageInspectError",
            "ErrImageNeverPull",
            "InvalidImageName",
            "RegistryUnavailable",
            "SignatureValidationFailed");

    private static final Set<String> START =
            Set.of("CreateContainerConfigError", "CreateContainerError", "RunContainerError", "PostStartHookError");

    /** Nothing that time could mend. */
    private static final Set<String> HOPELESS = Set.of("ErrImageNeverPull", "InvalidImageName");

    private PodEnds() {}

    /** What keeps a pod from beginning, and whether waiting can't help. */
    record Stuck(EndCause cause, String message, boolean hopeless) {}

    static boolean isTerminal(Pod pod) {
        String phase = pod.getStatus() == null ? null : pod.getStatus().getPhase();
        return "Succeeded".equals(phase) || "Failed".equals(phase);
    }

    /** Of a pod that ended, or whose worker ended; null of one that goes on. */
    static @Nullable PodEnd of(Pod pod) {
        PodStatus status = pod.getStatus();
        if (status == null) {
            return null;
        }
        if ("Succeeded".equals(status.getPhase())) {
            return new PodEnd(EndCause.COMPLETED, 0, "");
        }
        if ("Failed".equals(status.getPhase())) {
            return failed(pod, status);
        }
        ContainerStatus main = main(pod);
        ContainerStateTerminated ended = main == null ? null : terminated(main);
        return main == null || ended == null ? null : ofContainer(main, ended);
    }

    /** Whether it ended before anybody asked that it be deleted; true also if nobody did. */
    static boolean isOwnEnd(Pod pod) {
        String deletion = pod.getMetadata().getDeletionTimestamp();
        if (deletion == null) {
            return true;
        }
        ContainerStatus main = main(pod);
        ContainerStateTerminated ended = main == null ? null : terminated(main);
        Instant end = ended == null ? null : time(ended.getFinishedAt());
        Instant due = time(deletion);
        Long grace = pod.getMetadata().getDeletionGracePeriodSeconds();
        return end != null && due != null && end.isBefore(due.minusSeconds(grace == null ? 0 : grace));
    }

    /** What keeps a pod that is bound from beginning; null for nothing. */
    static @Nullable Stuck stuck(Pod pod) {
        PodStatus status = pod.getStatus();
        if (status == null || isTerminal(pod)) {
            return null;
        }
        for (ContainerStatus container : all(status)) {
            ContainerState state = container.getState();
            if (state == null || state.getWaiting() == null) {
                continue;
            }
            String reason = text(state.getWaiting().getReason());
            EndCause cause = IMAGE.contains(reason)
                    ? EndCause.IMAGE_PULL_FAILED
                    : START.contains(reason) ? EndCause.START_FAILED : null;
            if (cause != null) {
                return new Stuck(cause, said(reason, state.getWaiting().getMessage()), HOPELESS.contains(reason));
            }
        }
        return null;
    }

    /** Whether the worker's own container has begun. */
    static boolean isStarted(Pod pod) {
        ContainerStatus main = main(pod);
        return main != null && ((main.getState() != null && main.getState().getRunning() != null) || hasRun(main));
    }

    private static PodEnd failed(Pod pod, PodStatus status) {
        String reason = text(status.getReason());
        PodCondition disrupted = disruption(status);
        boolean collected = disrupted != null && "DeletionByPodGC".equals(disrupted.getReason());
        if (collected || reason.equals("NodeLost")) {
            return PodEnd.of(EndCause.NODE_LOST, words(status, disrupted));
        }
        if (disrupted != null || PUT_OUT.contains(reason)) {
            return new PodEnd(EndCause.EVICTED, code(pod), words(status, disrupted));
        }
        if (reason.equals("DeadlineExceeded")) {
            return new PodEnd(EndCause.EXIT_CODE, code(pod), words(status, null));
        }
        ContainerStatus culprit = culprit(pod, status);
        ContainerStateTerminated ended = culprit == null ? null : terminated(culprit);
        if (culprit != null && ended != null) {
            return ofContainer(culprit, ended);
        }
        boolean begun = all(status).stream().anyMatch(PodEnds::hasRun);
        return PodEnd.of(begun ? EndCause.UNKNOWN : EndCause.ADMISSION_REFUSED, words(status, null));
    }

    private static PodEnd ofContainer(ContainerStatus container, ContainerStateTerminated ended) {
        int code = ended.getExitCode() == null ? PodEnd.NO_CODE : ended.getExitCode();
        String message = code == 0 ? "" : said(text(ended.getReason()), ended.getMessage());
        EndCause cause = switch (text(ended.getReason())) {
            case "OOMKilled" -> EndCause.OUT_OF_MEMORY;
            case "StartError", "ContainerCannotRun" -> EndCause.START_FAILED;
            // The kubelet lost sight of it, and made the code up.
            case "ContainerStatusUnknown" -> EndCause.UNKNOWN;
            default -> {
                if (code == 0) {
                    yield EndCause.COMPLETED;
                }
                yield hasSickDevice(container) ? EndCause.DEVICE_FAULT : EndCause.EXIT_CODE;
            }
        };
        return new PodEnd(cause, code, message);
    }

    /** The worker's own container if it failed, else the first that did. */
    private static @Nullable ContainerStatus culprit(Pod pod, PodStatus status) {
        ContainerStatus main = main(pod);
        if (main != null && hasFailed(main)) {
            return main;
        }
        return all(status).stream().filter(PodEnds::hasFailed).findFirst().orElse(null);
    }

    private static boolean hasFailed(ContainerStatus container) {
        ContainerStateTerminated ended = terminated(container);
        return ended != null && (ended.getExitCode() == null || ended.getExitCode() != 0);
    }

    private static boolean hasRun(ContainerStatus container) {
        return terminated(container) != null
                || !text(container.getContainerID()).isEmpty();
    }

    private static boolean hasSickDevice(ContainerStatus container) {
        return container.getAllocatedResourcesStatus().stream()
                .flatMap(resource -> resource.getResources().stream())
                .anyMatch(device -> "Unhealthy".equals(device.getHealth()));
    }

    private static int code(Pod pod) {
        ContainerStatus main = main(pod);
        ContainerStateTerminated ended = main == null ? null : terminated(main);
        return ended == null || ended.getExitCode() == null ? PodEnd.NO_CODE : ended.getExitCode();
    }

    private static @Nullable ContainerStatus main(Pod pod) {
        if (pod.getStatus() == null) {
            return null;
        }
        String name = PodLabels.annotation(pod, PodLabels.CONTAINER);
        return pod.getStatus().getContainerStatuses().stream()
                .filter(container -> container.getName().equals(name))
                .findFirst()
                .orElse(null);
    }

    private static @Nullable ContainerStateTerminated terminated(ContainerStatus container) {
        return container.getState() == null ? null : container.getState().getTerminated();
    }

    private static List<ContainerStatus> all(PodStatus status) {
        List<ContainerStatus> all = new ArrayList<>(status.getInitContainerStatuses());
        all.addAll(status.getContainerStatuses());
        return all;
    }

    private static @Nullable PodCondition disruption(PodStatus status) {
        return status.getConditions().stream()
                .filter(condition ->
                        "DisruptionTarget".equals(condition.getType()) && "True".equals(condition.getStatus()))
                .findFirst()
                .orElse(null);
    }

    private static String words(PodStatus status, @Nullable PodCondition condition) {
        String own = said(text(status.getReason()), status.getMessage());
        return condition == null || !own.isEmpty() ? own : said(text(condition.getReason()), condition.getMessage());
    }

    private static String said(String reason, @Nullable String message) {
        if (message == null || message.isEmpty()) {
            return reason;
        }
        return reason.isEmpty() ? message : reason + ": " + message;
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : text;
    }

    private static @Nullable Instant time(@Nullable String text) {
        try {
            return text == null ? null : Instant.parse(text);
        } catch (DateTimeParseException e) {
            return null;
        }
    }
}
